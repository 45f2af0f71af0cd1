/** Where a command writes: the answer to `out`, what must be mended to `err`. Colours on a terminal only. */

import { styleText } from "node:util";

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly paint: Paint;
}

export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bad: (text: string) => string;
}

/** NO_COLOR (no-color.org) and `TERM=dumb` ask for plain text. */
export function processTerminal(
  env: Readonly<Record<string, string | undefined>> = process.env,
  isTerminal: boolean = process.stdout.isTTY,
): Terminal {
  const coloured = isTerminal && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    paint: coloured ? colours : plain,
  };
}

export const plain: Paint = { bold: (text) => text, dim: (text) => text, bad: (text) => text };

const colours: Paint = { bold: painter("bold"), dim: painter("dim"), bad: painter("red") };

function painter(format: "bold" | "dim" | "red"): (text: string) => string {
  return (text) => styleText(format, text, { validateStream: false });
}
