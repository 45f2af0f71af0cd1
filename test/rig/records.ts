/** What the pretended containers started with, and when they ended, as the kubelets wrote it down. */

import { readFile } from "node:fs/promises";
import { z } from "zod";
import { recordsFile } from "./nodes.ts";

const time = z.string().transform((text) => Date.parse(text));
const bytes = z
  .string()
  .nullable()
  .transform((text) => Buffer.from(text ?? "", "base64"));
const identity = {
  node: z.string(),
  namespace: z.string(),
  pod: z.string(),
  podUid: z.string(),
  container: z.string(),
  /** 0 for the first run in its pod. */
  attempt: z.number(),
};

const startSchema = z.object({
  event: z.literal("start"),
  ...identity,
  /** Milliseconds since 1970: when the kubelet had resolved the env, and when the container ran. */
  envReadAt: time,
  startedAt: time,
  env: z.record(z.string(), z.string()),
  /** Files of its CSI and Secret volumes, by volume and path. */
  files: z.record(z.string(), z.record(z.string(), bytes)),
});

const endSchema = z.object({ event: z.literal("end"), ...identity, endedAt: time, exitCode: z.number() });

export type ContainerStart = z.infer<typeof startSchema>;
export type ContainerEnd = z.infer<typeof endSchema>;

/** All records of all nodes, in order of their times. */
export async function readRecords(
  folder: string,
  nodes: readonly string[],
): Promise<{ readonly starts: readonly ContainerStart[]; readonly ends: readonly ContainerEnd[] }> {
  const starts: ContainerStart[] = [];
  const ends: ContainerEnd[] = [];
  for (const node of nodes) {
    const text = await readFile(recordsFile(folder, node), "utf8").catch(() => "");
    for (const line of text.split("\n").slice(0, -1)) {
      const record = z.discriminatedUnion("event", [startSchema, endSchema]).parse(JSON.parse(line));
      if (record.event === "start") starts.push(record);
      else ends.push(record);
    }
  }
  return {
    starts: starts.sort((a, b) => a.startedAt - b.startedAt),
    ends: ends.sort((a, b) => a.endedAt - b.endedAt),
  };
}
