/** Something went wrong in a way that a person can mend. */
export class DemoProblem extends Error {
  override readonly name = "DemoProblem";
  /** What to do about it. */
  readonly mend: string;

  constructor(message: string, mend: string) {
    super(message);
    this.mend = mend;
  }
}

/** Somebody pressed ctrl-C, or ended the demo in another way. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}
