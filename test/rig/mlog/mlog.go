// Package mlog stands in for the logging helper that the driver's main imports, whose import path does not resolve
// everywhere. It offers only what the driver calls, and logs through klog, as the original does.
package mlog

import (
	"context"

	"k8s.io/klog/v2"
)

// Format is how log lines look. The stand-in knows only klog's own text.
type Format string

const (
	FormatText Format = "text"
	FormatJSON Format = "json"
)

// Setup returns what the caller defers: a last flush.
func Setup() func() { return klog.Flush }

// ValidateAndSetKlogLevelAndFormatGlobally keeps the level that klog's own flags have set.
func ValidateAndSetKlogLevelAndFormatGlobally(context.Context, klog.Level, Format) error { return nil }

// Error logs and goes on.
func Error(message string, err error, keysAndValues ...any) {
	klog.ErrorS(err, message, keysAndValues...)
}

// Fatal logs and ends the process.
func Fatal(err error) {
	klog.ErrorS(err, "fatal")
	klog.FlushAndExit(klog.ExitFlushTimeout, 1)
}
