/** What happened, one line each, with the seconds since the newest change in the vault. */

import type { Screen } from "./screen.ts";

export class Timeline {
  readonly #screen: Screen;
  #start = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Time is counted from now. */
  begin(): void {
    this.#start = performance.now();
  }

  /** Seconds since the change in the vault. */
  seconds(): number {
    return (performance.now() - this.#start) / 1000;
  }

  /** One happening; `at` where it was earlier than now. */
  line(who: string, what: string, at: number = this.seconds()): void {
    const { paint } = this.#screen;
    this.#screen.say(`${`+${at.toFixed(1)}`.padStart(7)} s  ${paint.dim(who.padEnd(10))} ${what}`);
  }

  /** More about the line before. */
  more(what: string): void {
    this.#screen.say(`${" ".repeat(22)}${what}`);
  }
}
