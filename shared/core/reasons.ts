/**
 * The closed list of reasons: every "no", "not yet" and "not any more" that the bridge says has a name from here.
 * Logs, history, tests and docs/reasons.md use the same word; each sentence tells a person what to do.
 */

/** Not yet: the bridge looks again by itself (a wait for a person or an old pod backs off to an hour). */
export const waitingReasons = {
  "observe-only":
    "The map says `mode: observe` here, so the plan is reported and nothing is written. Set `mode: act` to let the bridge act.",
  "writes-stopped": "The map says `writes: stopped`, so nothing is written anywhere. Remove it to go on.",
  settling: "A version was created less than the settle time ago; values that change together are rolled out together.",
  "rollout-running": "Pods are being replaced; the bridge watches until all of them run with the new version.",
  "final-look":
    "Everything is in place; the Secret is looked at once more, 10 seconds after the newest pod became ready.",
  reloader:
    "Stakater Reloader is asked to restart this workload; the bridge gives it 15 seconds, then restarts it itself.",
  "driver-refresh":
    "The workload is not to be restarted and the driver rotates by itself; the bridge waits for its next poll.",
  "start-unknown":
    "Some pods may or may not have started with the current value and nothing can prove it. Restart them once, or run `rotate`; the next version settles it too.",
  "not-yet-mounted":
    "No pod of the namespace has mounted this object yet, so its value is not written here. Start a pod that mounts the class.",
  "old-mount":
    "A pod that the bridge cannot restart still holds an older version mounted. Delete or finish the named pods.",
  "unmanaged-pod":
    "A pod that no restart of a Deployment, StatefulSet or DaemonSet would replace reads the Secret, and nothing proves that it was started with the current value. Delete or finish the named pods.",
  "class-changed":
    "The class names objects or Secrets that no running pod has mounted. Roll out its workload, or set `newObjects: restart` in the map.",
  "workload-paused":
    "The Deployment is paused, so a restart would never happen. Resume it with `kubectl rollout resume`.",
  "on-delete":
    "The update strategy is OnDelete, so pods change only when somebody deletes them. Delete the named pods.",
  partitioned: "The StatefulSet's partition keeps some pods on the old revision. Lower `rollingUpdate.partition`.",
  "broken-revision":
    "The StatefulSet is stuck on a revision whose pods never become ready, and Kubernetes does not replace them by itself. Delete the broken pod.",
  "secret-missing":
    "The synced Secret does not exist although pods need it. The bridge never creates it; the driver does when a pod mounts its class, or at its next look at one that does.",
  "vault-stale":
    "The vault names an older version than one already seen. The bridge waits until its answer is current.",
  "vault-unavailable": "The vault throttles, fails or does not answer. The bridge tries again.",
  "cluster-unreachable":
    "The cluster's API server fails, throttles or does not answer. The bridge tries again, less and less often, up to once an hour.",
  conflict:
    "Somebody changed the Secret or the workload while the bridge patched it. The bridge reads again and decides anew.",
} as const;

/** No, until somebody changes something. */
export const refusedReasons = {
  "object-missing":
    "The vault has no such object. A restarted pod would hang, so nothing of the class is touched. Create the object or remove it from the class.",
  "object-disabled":
    "The object's newest version is disabled. A restarted pod would hang, so nothing of the class is touched. Enable it or create a new version.",
  "object-forbidden":
    "The bridge's identity may not read the object. Grant it Key Vault Secrets User on the vault, or Key Vault Certificate User for certificates and keys.",
  "class-invalid": "The driver cannot mount this class as it is written. Mend the named field.",
  unsupported: "The class uses something that the bridge cannot render byte for byte yet. It is left to the driver.",
  "volume-attributes":
    "A pod's volume overrides parameters of the class, so what it mounts is not what the class says. Move the attributes into the class.",
  "other-provider":
    "A workload also mounts a class of another provider, which the bridge cannot check. Set `assumeMountable` in the map if its pods always start.",
  "vault-not-allowed":
    "The map does not let this vault's values flow to this namespace. Add it to the vault's `flowsTo` if it should.",
  "mounted-with-refused":
    "A workload that mounts this class, or reads its Secret, also mounts one that is refused; its new pods could hang. Mend the named class.",
  ignored: "The class carries the annotation `rotation-bridge/ignore`. Remove it to let the bridge act.",
  "not-managed":
    "The Secret lacks the label `secrets-store.csi.k8s.io/managed=true`, so it is not the driver's. Rename it or delete it so that the driver makes its own.",
  immutable: "The Secret is immutable. Recreate it without `immutable: true`.",
  "wrong-type": "The Secret's type is not the one its class asks for. Delete it so that the driver makes it anew.",
  "secret-invalid": "The driver cannot make this Secret from its class. Mend the named entry of `secretObjects`.",
  "unusable-tls":
    "The driver would make a TLS Secret that no server can load: no key, no certificate, or a key that does not fit. The Secret stays as it is. Mend the named object.",
  "bytes-not-reproduced":
    "The bridge cannot make what is in the Secret now from any of the last versions of its object, so it cannot show that its bytes are the driver's. Check the map's `provider` settings and who wrote the Secret, or name it in the map's `replaceUnproven`.",
  "double-claim":
    "Two classes that running pods mount claim the same Secret and would overwrite each other. Let only one name it.",
  "no-rbac":
    "The bridge's identity lacks a Kubernetes permission. Grant the named rule: apply what `rotation-bridge rbac` prints.",
  "no-cage":
    "The map says `mode: act`, and no cage keeps the bridge's identity to what it does in this cluster, so nothing is written. Apply what `rotation-bridge rbac --cage` prints, or say `withoutCage: true` in the map.",
  "never-refreshes":
    "All pods that mount the class say `restart: never` and the driver's rotation is off, so the new version would never reach them. Turn rotation on or allow restarts.",
  "rolled-back":
    "Somebody undid the restart for these versions; the bridge does not fight it. The next version, or `rotate`, starts anew.",
  "workload-ignored":
    "The workload carries the annotation `rotation-bridge/ignore`, so it is not restarted. Restart it yourself or remove the annotation.",
  "restart-never":
    "The map says `restart: never` for a workload that reads the Secret in a way that only a restart refreshes. Restart it yourself or change the map.",
} as const;

/** It was tried and did not work. */
export const failedReasons = {
  "rollout-stuck":
    "The restarted pods do not become ready. Nothing further is restarted. Look at the named pods; a newer version or a change of the workload starts anew.",
  reverted:
    "Old bytes keep coming back into the Secret although no old mount is left. Find who writes it (see its managedFields).",
  "mounts-stale":
    "Restarted pods mounted an older version again and again although the vault names a newer one. Look at the driver and the provider of the named pods.",
  "secret-lost":
    "The synced Secret is gone and the driver has not made it again within 6 minutes. Restart one pod that mounts its class.",
  "patch-rejected":
    "The API server or an admission policy rejected the bridge's patch. Look at the named policy or object.",
  "patch-undone":
    "The marker was gone from the workload right after it was patched; a webhook or another controller removes it. Let it keep `rotation-bridge/versions`.",
  unexpected: "The bridge met something it does not know. Please report it with the log line; it tries again.",
} as const;

/** Why an event or a queue message was dropped without a look. None of these is tried again. */
export const ignoredReasons = {
  "not-json": "The message is not JSON.",
  "not-an-event": "The message has neither the Event Grid nor the CloudEvents envelope.",
  "other-event": "The event's type is not one of the three NewVersionCreated types of Key Vault.",
  "incomplete-event": "The event does not name a vault, an object and its type.",
  "too-large": "The message is larger than any Key Vault event.",
  "unknown-vault": "The map does not name this vault.",
  "no-target": "No class in the mapped namespaces names this object.",
  "unknown-message": "The message is not one of the bridge's own, or of another version.",
  "not-mapped": "The map does not name this cluster or namespace.",
  "older-chain": "A newer message goes on with this target, or the work that sent this one has ended.",
  "older-pass": "The timer's look at what no event brought has begun since this message was sent.",
  "already-running": "A run of this process already works on the target; it looks once more.",
} as const;

export type WaitingReason = keyof typeof waitingReasons;
export type RefusedReason = keyof typeof refusedReasons;
export type FailedReason = keyof typeof failedReasons;
export type IgnoredReason = keyof typeof ignoredReasons;
export type Reason = WaitingReason | RefusedReason | FailedReason | IgnoredReason;

/** Every reason with its sentence, for docs and tests. */
export const allReasons: Readonly<Record<Reason, string>> = {
  ...waitingReasons,
  ...refusedReasons,
  ...failedReasons,
  ...ignoredReasons,
};

/** What a class (or a whole target) came to. `about` names what a person must look at: pods, objects, rules. */
export type Outcome =
  | { readonly kind: "converged"; readonly idle: boolean }
  | { readonly kind: "waiting"; readonly reason: WaitingReason; readonly about: readonly string[] }
  | { readonly kind: "refused"; readonly reason: RefusedReason; readonly about: readonly string[] }
  | { readonly kind: "failed"; readonly reason: FailedReason; readonly about: readonly string[] };
