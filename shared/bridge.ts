/**
 * What the Functions app, the CLI and the demo call: the whole product behind three doors. Made by
 * `createBridge` from the ports.
 */
export interface Bridge {
  /** One message of the queue `rotations` (an Event Grid delivery or our own message). Throws only if it could not hand over. */
  onMessage(body: unknown): Promise<MessageResult>;
  /** The timer. */
  reconcile(): Promise<ReconcileResult>;
  /** A message that was given up. Never throws. */
  onPoison(body: unknown, info: { readonly dequeueCount: number | undefined }): Promise<void>;
}

export interface MessageResult {
  /** What was dropped without a look, with a reason of the closed list and the name it is about. */
  readonly ignored: readonly { readonly reason: string; readonly about: string }[];
  readonly targets: readonly {
    readonly target: string;
    readonly outcome: string;
    readonly reason: string | undefined;
  }[];
}

export interface ReconcileResult {
  /** Targets looked at. */
  readonly looked: number;
  /** Targets that were handed to the queue because something is left to do. */
  readonly unfinished: number;
}
