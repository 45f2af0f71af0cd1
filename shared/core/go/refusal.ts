/** Why bytes are not read. */
export interface Refused {
  /** `invalid`: Go's reader refuses them too. `unsupported`: Go may read them, ours does not take the risk or the cost. */
  readonly kind: "invalid" | "unsupported";
  readonly message: string;
}

/** Thrown inside shared/core only, where it becomes an answer; never holds any of the bytes. */
export class Refusal extends Error implements Refused {
  override readonly name: string = "Refusal";
  readonly kind: Refused["kind"];

  constructor(kind: Refused["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}
