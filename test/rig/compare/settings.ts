/** What to run, how long and how often: from the command line. Pure. */

import { parseArgs } from "node:util";
import { type Cell, cells as allCells } from "./cells.ts";

export interface Settings {
  readonly namespaces: number;
  readonly rounds: number;
  readonly cells: readonly Cell[];
  readonly pollInterval: string;
  readonly syncSeconds: number;
  /** Between a settled namespace and its next version: this long, and a random part. */
  readonly quietSeconds: number;
  readonly randomSeconds: number;
  /** After this time a version counts as never carried. */
  readonly patienceSeconds: number;
  /** Folder of compare.md and its raw data; undefined: they are only printed. */
  readonly docs: string | undefined;
  /** Writes the tables again from the raw data and runs nothing. */
  readonly tablesOnly: boolean;
}

/**
 * Steady state before each version: driver 1.6 reads no vault within one poll interval of a mount's last change, so
 * 150 s are more than that; the random part is a whole poll interval, so that no phase is preferred.
 */
const usual = {
  pollInterval: "2m",
  syncSeconds: 60,
  quietSeconds: 150,
  randomSeconds: 120,
  patienceSeconds: 330,
};
const quick = { pollInterval: "20s", syncSeconds: 15, quietSeconds: 25, randomSeconds: 20, patienceSeconds: 90 };
const mostNamespaces = 5;

/** Throws with the words for the person. */
export function settingsFrom(argv: readonly string[], docs: string): Settings {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      samples: { type: "string" },
      cells: { type: "string" },
      quick: { type: "boolean", default: false },
      docs: { type: "string" },
      tables: { type: "boolean", default: false },
    },
  });
  const samples = Number(values.samples ?? (values.quick ? 1 : 15));
  if (!Number.isInteger(samples) || samples < 1) throw new Error("--samples needs a number of samples for each cell.");
  const namespaces = Math.min(mostNamespaces, samples);
  return {
    namespaces,
    rounds: Math.ceil(samples / namespaces),
    cells: chosen(values.cells),
    ...(values.quick ? quick : usual),
    docs: values.docs ?? (values.quick ? undefined : docs),
    tablesOnly: values.tables,
  };
}

function chosen(names: string | undefined): readonly Cell[] {
  if (names === undefined) return allCells;
  const wanted = names.split(",");
  const unknown = wanted.find((name) => !allCells.some(({ id }) => id === name));
  if (unknown !== undefined)
    throw new Error(`There is no cell ${unknown}. There are: ${allCells.map(({ id }) => id).join(", ")}`);
  return allCells.filter(({ id }) => wanted.includes(id));
}
