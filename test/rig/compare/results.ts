/** What a run leaves behind as raw data: docs/compare/rotations.json and docs/compare/vault-requests.json. */

import { z } from "zod";

const mode = z.object({ driver: z.enum(["1.5.6", "1.6.1"]), rotation: z.enum(["off", "on"]) });
const way = z.enum(["watcher", "by-hand", "bridge", "idle"]);

const runSchema = z.object({
  date: z.string(),
  command: z.string(),
  machine: z.string(),
  node: z.string(),
  kubernetes: z.string(),
  /** Says so where files differed from it. */
  commit: z.string(),
  minutes: z.number(),
  /** Of each cell. */
  namespaces: z.number(),
  rounds: z.number(),
  replicas: z.number(),
  objects: z.number(),
  pollInterval: z.string(),
  syncSeconds: z.number(),
  quietSeconds: z.number(),
  randomSeconds: z.number(),
});
export type Run = z.infer<typeof runSchema>;

const sampleSchema = z.object({
  cell: z.string(),
  way,
  mode,
  namespace: z.number(),
  round: z.number(),
  /** Seconds since the run began. */
  createdAt: z.number(),
  /** How long it was looked at. */
  watchedMs: z.number(),
  /** null: not while it was looked at. */
  secretMs: z.number().nullable(),
  podsMs: z.number().nullable(),
  reverts: z.number(),
  starts: z.number(),
  wrongStarts: z.number(),
  /** What the bridge said last of the class; null for other ways. */
  outcome: z.string().nullable(),
  /** Requests at the vault from the version on, by the driver's provider and by the bridge. */
  vault: z.object({ driver: z.number(), bridge: z.number() }),
});
export type Sample = z.infer<typeof sampleSchema>;

export const rotationsSchema = z.object({ run: runSchema, samples: z.array(sampleSchema) });
export type Rotations = z.infer<typeof rotationsSchema>;

export const vaultRequestsSchema = z.object({
  run: runSchema,
  /** While nothing changed. */
  steady: z.array(z.object({ mode, pods: z.number(), objects: z.number(), minutes: z.number(), requests: z.number() })),
  /** The bridge's timer, fired once when all was right. */
  looks: z.array(z.object({ mode, namespaces: z.number(), objects: z.number(), requests: z.number() })),
  /** Of each sample whose driver does not rotate, so that nobody polls meanwhile. */
  rotations: z.array(z.object({ way, mode, driver: z.number(), bridge: z.number() })),
});
export type VaultRequests = z.infer<typeof vaultRequestsSchema>;

export interface Results {
  readonly rotations: Rotations;
  readonly vaultRequests: VaultRequests;
}
