/** Messages that are lost with the instance that worked on them. */

import type { Mutation } from "./mutation.ts";

export const messages: readonly Mutation[] = [
  {
    name: "hand-over-after-work",
    harm: "a crash in the middle loses the rotation until the event is given out again, ten minutes later",
    file: "shared/rotate.ts",
    find: `
    const work = joined.map((message) => ({
      message,
      handedOver: this.#sending.take(() => this.#chains.send(message, timeBudgetMs)),
    }));
    const handOvers = Promise.allSettled(work.map(({ handedOver }) => handedOver));
    const results = await forEachBounded(work, mostTargetsAtOnce, ({ message, handedOver }) =>
      this.#runs.run(message, { deadline, handedOver }),
    );
    fulfilled(await handOvers);`,
    replace: `
    const results = await forEachBounded(joined, mostTargetsAtOnce, (message) =>
      this.#runs.run(message, { deadline, handedOver: Promise.resolve() }),
    );
    await Promise.all(joined.map((message) => this.#chains.send(message, timeBudgetMs)));`,
    likely: ["test/scenarios/b-hand-over.test.ts"],
  },
  {
    name: "timer-without-hand-over",
    harm: "a crash in the middle loses the rotation until the next timer",
    file: "shared/target-runs.ts",
    find: "else sent ??= await this.#chains.handOver({ ...message, ...whatOf(running), memory }, timeBudgetMs);",
    replace: "else sent ??= message;",
    likely: ["test/scenarios/b-hand-over.test.ts"],
  },
];
