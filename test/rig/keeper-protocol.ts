/** What the launcher and the keeper of its namespaces say to each other. */

import { z } from "zod";

export const orderSchema = z.discriminatedUnion("order", [
  z.object({
    order: z.literal("start"),
    name: z.string(),
    command: z.string(),
    args: z.array(z.string()),
    env: z.record(z.string(), z.string()),
    log: z.string(),
  }),
  z.object({ order: z.literal("end"), name: z.string(), signal: z.enum(["SIGTERM", "SIGKILL", "SIGSTOP", "SIGCONT"]) }),
]);
export type KeeperOrder = z.infer<typeof orderSchema>;

export const eventSchema = z.discriminatedUnion("event", [
  z.object({ event: z.literal("ready") }),
  z.object({ event: z.literal("started"), name: z.string() }),
  z.object({ event: z.literal("ended"), name: z.string(), how: z.string() }),
]);
export type KeeperEvent = z.infer<typeof eventSchema>;
