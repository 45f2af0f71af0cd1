/**
 * What an adapter throws instead of an SDK's error. It carries no body, header or URL of the remote answer (those
 * may hold a value or a token): a kind, the status, and one sentence of our own.
 */
export class RemoteProblem extends Error {
  override readonly name = "RemoteProblem";
  readonly kind: RemoteProblemKind;
  readonly status: number | undefined;

  constructor(kind: RemoteProblemKind, message: string, status?: number) {
    super(message);
    this.kind = kind;
    this.status = status;
  }

  /** Would the same call later, unchanged, have a chance? */
  get passing(): boolean {
    return this.kind === "throttled" || this.kind === "unavailable" || this.kind === "timeout";
  }
}

export type RemoteProblemKind =
  | "not-found"
  | "conflict"
  | "unauthorized"
  | "forbidden"
  /** The API server or an admission webhook understood the request and said no (400, 413, 422, a webhook's denial). */
  | "rejected"
  | "throttled"
  | "unavailable"
  | "timeout";
