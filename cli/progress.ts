/** Says on a terminal what is going on, once it takes longer than two seconds. */

import type { Terminal } from "./terminal.ts";

const patienceMs = 2000;

/** `work` gets what to call with what is being done; the line is gone when it ends. */
export async function withProgress<T>(
  terminal: Terminal,
  work: (say: (doing: string) => void) => Promise<T>,
  afterMs: number = patienceMs,
): Promise<T> {
  const { status } = terminal;
  if (status === undefined) return work(() => {});
  let doing = "";
  let shown = false;
  const show = () => {
    shown = true;
    status(`${doing} …`);
  };
  const timer = setTimeout(show, afterMs);
  try {
    return await work((now) => {
      doing = now;
      if (shown) show();
    });
  } finally {
    clearTimeout(timer);
    if (shown) status("");
  }
}
