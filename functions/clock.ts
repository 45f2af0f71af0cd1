import { randomUUID } from "node:crypto";
import type { Clock } from "../shared/ports.ts";

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  id: () => randomUUID(),
};
