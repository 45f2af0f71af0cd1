package main

import (
	"context"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
)

// lateSecrets is the kubelet's client with watches of Secrets that lag by behaviour.SecretDelay. What a watch begins
// with comes at once: only a Secret that the kubelet knows already can be stale in its cache.
type lateSecrets struct {
	kubernetes.Interface
	behaviour *behaviourFile
}

func (c lateSecrets) CoreV1() typedcorev1.CoreV1Interface {
	return lateCore{c.Interface.CoreV1(), c.behaviour}
}

type lateCore struct {
	typedcorev1.CoreV1Interface
	behaviour *behaviourFile
}

func (c lateCore) Secrets(namespace string) typedcorev1.SecretInterface {
	return lateSecretsIn{c.CoreV1Interface.Secrets(namespace), c.behaviour}
}

type lateSecretsIn struct {
	typedcorev1.SecretInterface
	behaviour *behaviourFile
}

func (c lateSecretsIn) Watch(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
	inner, err := c.SecretInterface.Watch(ctx, options)
	if err != nil {
		return nil, err
	}
	late := &lateWatch{inner: inner, out: make(chan watch.Event), stopped: make(chan struct{})}
	go late.run(c.behaviour, options.SendInitialEvents != nil && *options.SendInitialEvents)
	return late, nil
}

type lateWatch struct {
	inner   watch.Interface
	out     chan watch.Event
	stopped chan struct{}
	once    sync.Once
}

type dueEvent struct {
	event watch.Event
	due   time.Time
}

func (w *lateWatch) ResultChan() <-chan watch.Event { return w.out }

func (w *lateWatch) Stop() {
	w.once.Do(func() { close(w.stopped) })
	w.inner.Stop()
}

func (w *lateWatch) run(behaviour *behaviourFile, initial bool) {
	queue := make(chan dueEvent, 1000)
	go func() {
		defer close(queue)
		for event := range w.inner.ResultChan() {
			delay := time.Duration(0)
			if !initial {
				delay = milliseconds(behaviour.now().SecretDelay)
			}
			if initial && endsInitialEvents(event) {
				initial = false
			}
			queue <- dueEvent{event, time.Now().Add(delay)}
		}
	}()
	defer close(w.out)
	for next := range queue {
		select {
		case <-w.stopped:
			return
		case <-time.After(time.Until(next.due)):
		}
		select {
		case <-w.stopped:
			return
		case w.out <- next.event:
		}
	}
}

func endsInitialEvents(event watch.Event) bool {
	secret, isSecret := event.Object.(*corev1.Secret)
	return event.Type == watch.Bookmark && isSecret && secret.Annotations[metav1.InitialEventsAnnotationKey] == "true"
}
