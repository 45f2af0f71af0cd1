/** Why a YAML text is not read. Thrown inside shared/core/go only; `decodeYaml` hands it on as an answer. */
export class YamlError extends Error {
  override readonly name = "YamlError";
  /** `invalid`: Go's reader refuses it too. `unsupported`: Go may read it, ours does not take the risk. */
  readonly kind: "invalid" | "unsupported";

  constructor(kind: "invalid" | "unsupported", message: string) {
    super(message);
    this.kind = kind;
  }
}
