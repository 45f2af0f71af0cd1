import { isApiError } from "./api-error.ts";
import { isObject, numberAt, textAt } from "./json.ts";
import type { JsonObject } from "./json.ts";
import { hashOf, nameOf, namespaceOf, newObject, uidOf } from "./objects.ts";
import { seconds } from "./times.ts";
import type { Store } from "./store.ts";

export interface EventNote {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** `kubelet`, `csi-secrets-store-controller`. */
  readonly component: string;
}

/** Records an Event about an object; the same note again only raises its count. One that is refused (its namespace ends) is lost. */
export function recordEvent(store: Store, about: JsonObject, note: EventNote, now: number): void {
  const namespace = namespaceOf(about);
  const name = `${nameOf(about)}.${hashOf([uidOf(about), note.reason, note.message])}`;
  const manager = { fieldManager: note.component };
  const known = store.find("Event", namespace, name);
  const lastTimestamp = seconds(now);
  if (isObject(known)) {
    const count = (numberAt(known, "count") ?? 1) + 1;
    store.mergePatch("Event", namespace, name, { count, lastTimestamp }, manager);
    return;
  }
  const event = newObject("Event", namespace, name, {
    involvedObject: {
      apiVersion: textAt(about, "apiVersion"),
      kind: textAt(about, "kind"),
      namespace,
      name: nameOf(about),
      uid: uidOf(about),
    },
    type: note.type,
    reason: note.reason,
    message: note.message,
    source: { component: note.component },
    firstTimestamp: lastTimestamp,
    lastTimestamp,
    count: 1,
  });
  try {
    store.create("Event", event, manager);
  } catch (error) {
    if (!isApiError(error)) throw error;
  }
}
