/** What the HTTP functions ask of the app: reports that read, and messages for the queue. Nothing is done inline. */

import type { StorageQueue } from "../shared/adapters/storage-queue.ts";
import type { PlanReport } from "../shared/core/plan-report/plan-report-types.ts";
import { RemoteProblem } from "../shared/core/remote-problem.ts";
import { replayable, type Resend } from "../shared/core/replayable.ts";
import { mappedVault, policyFor } from "../shared/core/rotation-map.ts";
import type { RotationMap } from "../shared/core/rotation-map/map-types.ts";
import type { StatusReport } from "../shared/core/status-report/status-report-types.ts";
import { aboutMessage, hintsOf, rotateMessages } from "../shared/look-messages.ts";
import type { ReportPorts } from "../shared/look-only.ts";
import { planReport, type PlanRequest } from "../shared/plan-report.ts";
import { statusReport } from "../shared/status-report.ts";
import type { RotateBody, StatusQuery } from "./http-requests.ts";

export interface HttpWork {
  /** Undefined: the map does not name the vault. */
  plan(request: PlanRequest): Promise<PlanReport | undefined>;
  /** Undefined: the map does not name the cluster. */
  status(query: StatusQuery): Promise<StatusReport | undefined>;
  /** Throws RemoteProblem if the queue takes no message. */
  rotate(order: RotateBody): Promise<Queued | { readonly refused: "unknown-vault" | "not-mapped" }>;
  /** Events and messages again, one or a list; `ignored` names why others were left out. Throws as `rotate` does. */
  replay(body: unknown): Promise<Queued & { readonly ignored: readonly string[] }>;
}

export interface Queued {
  /** A text for each message, for the log. */
  readonly about: readonly string[];
}

export type HttpPorts = ReportPorts & { readonly queue: StorageQueue };

export function createHttpWork(ports: HttpPorts): HttpWork {
  const { map, clusters, clock, queue } = ports;
  const begin = () => ({ now: clock.now(), id: clock.id() });
  return {
    plan: async (request) => (mappedVault(map, request.vault) === undefined ? undefined : planReport(request, ports)),
    status: async ({ cluster, namespace }) => {
      const chosen = [...clusters].filter(([name]) => cluster === undefined || name === cluster);
      if (cluster !== undefined && chosen.length === 0) return undefined;
      const request = namespace === undefined ? {} : { namespaces: [namespace] };
      return statusReport(request, { ...ports, clusters: new Map(chosen) });
    },
    rotate: async (order) => {
      const { secret, cluster, namespace } = order;
      const refused = refusalOf(map, order);
      if (refused !== undefined) return { refused };
      const names = [...clusters.keys()].filter((name) => name === (cluster ?? name));
      const messages = rotateMessages(hintsOf(secret.vault, secret.name), names, namespace, begin);
      for (const message of messages) await queue.send(message, 0);
      return { about: messages.map(aboutMessage) };
    },
    replay: async (body) => {
      const about: string[] = [];
      const ignored = new Set<string>();
      // One by one, so that what is good goes although its neighbour is not.
      for (const entry of Array.isArray(body) ? body : [body]) {
        const found = replayable(entry, clock.now(), clock.id());
        const reason = found.ok ? await sent(queue, found.send) : found.reason;
        if (reason !== undefined) ignored.add(reason);
        else if (found.ok) about.push(found.about.join(" "));
      }
      return { about, ignored: [...ignored].sort() };
    },
  };
}

/** The bridge would drop it without a word to the one who asks. */
function refusalOf(
  map: RotationMap,
  { secret, cluster, namespace }: RotateBody,
): "unknown-vault" | "not-mapped" | undefined {
  if (mappedVault(map, secret.vault) === undefined) return "unknown-vault";
  if (cluster === undefined) return undefined;
  if (!map.clusters.some(({ name }) => name === cluster)) return "not-mapped";
  const mapped = namespace === undefined || policyFor(map, { cluster, namespace }) !== undefined;
  return mapped ? undefined : "not-mapped";
}

/** Why it could not be sent, if that is the message's own fault. */
async function sent(queue: StorageQueue, what: Resend): Promise<"too-large" | undefined> {
  try {
    await (what.kind === "message" ? queue.send(what.message, 0) : queue.sendRaw(what.body));
    return undefined;
  } catch (error) {
    if (error instanceof RemoteProblem && error.status === 413) return "too-large";
    throw error;
  }
}
