/** Where a command writes: the answer to `out`, what must be mended to `err`. Colours on a terminal only. */

import { createInterface } from "node:readline/promises";
import { styleText } from "node:util";

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly paint: Paint;
  /** Shows one line while something takes long, in place of the one before; empty: takes it away. Absent: nobody watches. */
  readonly status?: (line: string) => void;
  /** Asks a person, who must write yes. Absent: nobody can be asked. */
  readonly confirm?: (question: string) => Promise<boolean>;
}

export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
}

/** NO_COLOR (no-color.org) and `TERM=dumb` ask for plain text. */
export function processTerminal(
  env: Readonly<Record<string, string | undefined>> = process.env,
  isTerminal: boolean = process.stdout.isTTY,
  watchesErrors: boolean = process.stderr.isTTY,
  answers: boolean = process.stdin.isTTY,
): Terminal {
  const coloured = isTerminal && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    paint: coloured ? colours : plain,
    ...(watchesErrors && env["TERM"] !== "dumb" ? { status: showStatus } : {}),
    ...(watchesErrors && answers ? { confirm: askOnTerminal } : {}),
  };
}

/** On standard error, so that the answer of the command stays alone. */
async function askOnTerminal(question: string): Promise<boolean> {
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await asking.question(`${question} [y/N] `)).trim());
  } finally {
    asking.close();
  }
}

/** Back to the line's beginning, and clear it. */
function showStatus(line: string): void {
  const width = process.stderr.columns > 20 ? process.stderr.columns : 80;
  process.stderr.write(`\r\u001B[K${line.slice(0, width - 1)}`);
}

const asIs = (text: string) => text;
export const plain: Paint = { bold: asIs, dim: asIs, bad: asIs, warn: asIs };

const colours: Paint = { bold: painter("bold"), dim: painter("dim"), bad: painter("red"), warn: painter("yellow") };

function painter(format: "bold" | "dim" | "red" | "yellow"): (text: string) => string {
  return (text) => styleText(format, text, { validateStream: false });
}
