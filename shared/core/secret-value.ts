/**
 * A secret value that cannot be printed.
 *
 * Values travel in this class from the vault adapter to the cluster adapter, and nowhere else. Whatever turns
 * it into text (a template string, JSON, `util.inspect`, an error message) gets `[redacted]`. The bytes come out
 * only by calling {@link SecretValue.reveal}, so that every place that touches them can be found by name.
 */
export class SecretValue {
  readonly #bytes: Uint8Array;

  private constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Takes a copy of `bytes`, so that a caller's buffer cannot change the value later. */
  static fromBytes(bytes: Uint8Array): SecretValue {
    return new SecretValue(Uint8Array.from(bytes));
  }

  static fromText(text: string): SecretValue {
    return new SecretValue(new TextEncoder().encode(text));
  }

  /** The bytes themselves. Only rendering and the cluster adapters' request bodies need them. */
  reveal(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  get size(): number {
    return this.#bytes.length;
  }

  equals(other: SecretValue): boolean {
    if (this.#bytes.length !== other.#bytes.length) return false;
    return this.#bytes.every((byte, index) => byte === other.#bytes[index]);
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  /** The hook of `util.inspect`, which `console.log` and assertion messages use. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return redacted;
  }
}

const redacted = "[redacted]";
