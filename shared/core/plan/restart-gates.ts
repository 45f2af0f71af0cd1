/** What a due restart waits for, and passes by itself: the Secrets, the kubelets' caches, Stakater Reloader. */

import { heldWrite } from "./decide-secret.ts";
import type { ObjectUse, WorkloadState } from "./workload-state.ts";
import { activeSecret } from "./look.ts";
import type { Look } from "./look.ts";
import { rightKey } from "./memory-keys.ts";
import { pollAfterStep, waiting } from "./wait.ts";
import type { Waiting } from "./wait.ts";

const reloaderPatienceMs = 15_000;
/** The kubelet resolves env from a cache that lags a write by up to a second. */
const afterWriteMs = 1000;
const missingPatienceMs = 10_000;
const missingPollMs = 30_000;

/** Write first, then restart: every Secret of its classes is right, and has been for a second. */
export function secretsNotReady(state: WorkloadState, look: Look): Waiting | undefined {
  for (const owner of state.classes) {
    for (const secret of owner.secrets) {
      const concerns =
        state.item.mounts.has(owner.item.name) || state.item.reads.some((read) => read.secret === secret.name);
      if (!concerns || secret.state.kind === "refused") continue;
      const about = [state.item.key, `Secret/${secret.name}`];
      if (secret.state.kind === "wrong")
        return heldWrite(secret, secret.state, owner, look) ?? waiting("rollout-running", about, pollAfterStep);
      if (secret.state.kind === "missing") {
        const reads = state.item.reads.some(
          (read) => read.secret === secret.name && !state.item.mounts.has(owner.item.name),
        );
        const gone = look.notebook.since(`missing/${secret.name}`);
        if (reads || gone < missingPatienceMs) {
          // One that nobody makes anew is nothing to sit and wait for: without a mounter that is known at once.
          const inVain = reads && (owner.mounters.length === 0 || gone >= missingPollMs);
          return waiting(
            "secret-missing",
            about,
            inVain ? { kind: "later", atLeastMs: 60_000 } : { kind: "soon", ms: 2000 },
          );
        }
        continue;
      }
      const right = rightSince(secret.name, look);
      if (right < afterWriteMs) return waiting("rollout-running", about, { kind: "soon", ms: afterWriteMs - right });
    }
  }
  return undefined;
}

/** How long this chain has seen the Secret right for the versions wanted now. */
function rightSince(name: string, look: Look): number {
  const found = activeSecret(look, name);
  return found === undefined ? 0 : look.notebook.since(rightKey(found.secret));
}

/** Where Reloader is asked to restart it, Reloader has a quarter of a minute to do so: one restart, not two. */
export function waitForReloader(state: WorkloadState, old: readonly ObjectUse[], look: Look): Waiting | undefined {
  const intent = state.item.workload.reloader;
  if (intent === undefined) return undefined;
  const secrets = new Set(old.flatMap((use) => use.keys.map((read) => read.secret.name)));
  const watched = [...secrets].filter((name) => intent.all || intent.secrets.has(name));
  if (watched.length === 0) return undefined;
  const left = reloaderPatienceMs - Math.min(...watched.map((name) => rightSince(name, look)));
  return left > 0 ? waiting("reloader", [state.item.key], { kind: "soon", ms: Math.min(left, 2000) }) : undefined;
}
