/** One way to break the engine, as data. */
export interface Mutation {
  readonly name: string;
  /** What it breaks for people who run the bridge; docs/mutations.md says more. */
  readonly harm: string;
  /** From the repository's root. */
  readonly file: string;
  /** Must be in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Where a test is expected to notice it: these files run first. Empty: no guess. */
  readonly likely: readonly string[];
}
