import type { LookReason } from "./core/reconcile/needed-looks.ts";

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

/** One pass of the timer. */
export interface ReconcileResult {
  /** All that the index shows. */
  readonly targets: number;
  /** Looked at by the pass itself. */
  readonly looked: number;
  /** Whose look was left to a message. */
  readonly handedOver: number;
  /** Of those looked at, the ones that still wait for something. */
  readonly waiting: number;
  /** Looks by their reason. */
  readonly why: Readonly<Record<LookReason, number>>;
  /** Needed, but more than one pass asks for. */
  readonly left: number;
  /** Looked at a short while ago for the same cause. */
  readonly backingOff: number;
  /** Not judged, because a vault of theirs throttles. */
  readonly held: number;
  /** Vaults of which something could not be read, and why: `contoso: throttled`. */
  readonly troubledVaults: readonly string[];
  /** Requests of the pass itself, without those of its looks. */
  readonly vaultRequests: number;
  readonly clusterRequests: number;
}
