/** What the handlers need. The bridge comes by a function because its SDK clients load at the first use. */

import type { Bridge } from "../shared/bridge.ts";
import type { ReadMessage } from "../shared/core/secret-event.ts";
import type { Log } from "../shared/ports.ts";
import type { HttpWork } from "./http-work.ts";

export interface Deps {
  readonly log: Log;
  /** The bridge, made at the first call. Throws {@link ConfigurationProblem} while the configuration is wrong. */
  readonly app: () => Promise<App>;
}

export interface App {
  readonly bridge: Bridge;
  /** What of a body is a Key Vault event that the bridge works on, and what is not, with reasons. */
  readonly readMessage: (body: unknown) => ReadMessage;
  /** Does Microsoft's own client take the body for an event, or an array of them? */
  readonly checkEnvelope: (body: unknown) => Promise<boolean>;
  /** Puts a body as it is on the queue `rotations`. Throws RemoteProblem, with status 413 for what no queue takes. */
  readonly enqueue: (body: unknown) => Promise<void>;
  readonly http: HttpWork;
}

/** The app cannot work until a person mends its settings or its map. All problems at once, each with its path. */
export class ConfigurationProblem extends Error {
  override readonly name = "ConfigurationProblem";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration has ${problems.length} problem(s): ${problems.join("; ")}`);
    this.problems = problems;
  }
}
