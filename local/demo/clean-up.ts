/** Everything that the demo starts, and its end: whatever happens, nothing is left behind. */

export class CleanUp {
  readonly #closers: { readonly name: string; readonly close: () => Promise<void> }[] = [];

  /** Gives what is being started; it will be closed even if nobody waits for its start to end any more. */
  own<T>(name: string, starting: Promise<T>, close: (started: T) => void | Promise<void>): Promise<T> {
    const attempt = starting.then(
      (started) => () => close(started),
      () => () => undefined,
    );
    this.#closers.push({
      name,
      close: async () => {
        const end = await attempt;
        await end();
      },
    });
    return starting;
  }

  /** Closes everything, the youngest first. Answers with the names of what could not be closed. */
  async run(): Promise<readonly string[]> {
    const failed: string[] = [];
    for (let next = this.#closers.pop(); next !== undefined; next = this.#closers.pop()) {
      const { name, close } = next;
      await close().catch(() => failed.push(name));
    }
    return failed;
  }
}
