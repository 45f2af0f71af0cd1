/** Puts on the timeline what the app says: which event it took, and what became of the class. */

import { allReasons } from "../../shared/core/reasons.ts";
import type { AppLog } from "./app-log.ts";
import type { Lab } from "./lab.ts";
import { className, vaultName } from "./lab-manifests.ts";
import type { Screen } from "./screen.ts";
import type { Timeline } from "./timeline.ts";
import type { VaultStore } from "../key-vault/vault-store.ts";
import { shortVersion } from "./watch-lab.ts";

/** The app's words since the newest change in the vault. */
export interface AppWords {
  /** As `converged` or `waiting(final-look)`, in order. */
  outcomes: readonly string[];
  /** What the finished invocations came to. */
  done: readonly string[];
  /** Seconds since the change until all but the final look was proven. */
  proven: number | undefined;
}

export function watchApp(log: AppLog, lab: Lab, vault: VaultStore, screen: Screen, timeline: Timeline): AppWords {
  const words: AppWords = { outcomes: [], done: [], proven: undefined };
  log.onEvent(({ event, text }) => {
    if (event === "target-done") words.done = [...words.done, text("outcome")];
    if (event !== "outcome" || (text("class") !== className && text("class") !== "*")) return;
    const reason = text("reason");
    words.outcomes = [...words.outcomes, reason === "" ? text("outcome") : `${text("outcome")}(${reason})`];
    if (text("outcome") === "converged") {
      if (words.proven === undefined) sayProven();
      timeline.line("bridge", `final look: the Secret still holds the new bytes. ${screen.paint.good("converged")}`);
    } else if (reason === "final-look") {
      sayProven();
      timeline.line("bridge", "waits for its final look, 10 s after the newest pod became Ready");
    } else if (!underWay.has(reason)) {
      timeline.line("bridge", screen.paint.bad(`${text("outcome")}(${reason}) ${sentence(reason)}`));
    }
  });

  function sayProven(): void {
    words.proven = timeline.seconds();
    const current = vault.versions(vaultName, "color").at(-1)?.version;
    timeline.line(
      "bridge",
      `proven: every pod runs with the vault's current version of color, ${shortVersion(current)}`,
    );
    for (const pod of lab.readyPods()) {
      const same = pod.version === current ? screen.paint.good("=") : screen.paint.bad("is not");
      timeline.more(`${pod.name}  ${shortVersion(pod.version)} ${same} ${shortVersion(current)}`);
    }
  }
  return words;
}

/** What every rotation passes through: the lines about Secret and pods show it better. */
const underWay: ReadonlySet<string> = new Set(["settling", "rollout-running"]);

function sentence(reason: string): string {
  return Object.entries(allReasons).find(([name]) => name === reason)?.[1] ?? "";
}
