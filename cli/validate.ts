/** `rotation-bridge validate`: the rotation map, the files that it names, and what answers at its addresses, without signing in. */

import { parseRotationMap, mapProblemText } from "../shared/core/rotation-map.ts";
import type { MapProblem } from "../shared/core/rotation-map.ts";
import type { RotationMap } from "../shared/core/rotation-map/map-types.ts";
import { readArguments } from "./arguments.ts";
import { exitCodes } from "./command.ts";
import type { Command } from "./command.ts";
import { fileProblemsText } from "./file-problem.ts";
import { checkNamedFiles } from "./map-named-files.ts";
import { defaultMapFile } from "./map-file.ts";
import { mapHints } from "./map-hints.ts";
import { shown, table } from "./output.ts";
import { withProgress } from "./progress.ts";
import { reachAll } from "./reach.ts";
import type { Reached } from "./reach.ts";
import { readText } from "./read-text.ts";
import { count } from "./report-words.ts";
import type { Paint, Terminal } from "./terminal.ts";

const help = `rotation-bridge validate [options]

Checks the rotation map: its schema, what its parts say of each other, the files that it names, and whether
vaults and API servers answer at their addresses. It signs in nowhere, so it says nothing of rights: for these
see rotation-bridge doctor. All problems are told at once, each with its place and how to mend it.

  --map FILE   the rotation map (default ${defaultMapFile})
  --offline    ask no vault and no API server; for CI
  --json       one JSON document

An address that cannot be reached from here is no problem: it may be private. A vault whose name is not known,
and a server with another certificate than the map's, are.

Exit codes: 0 nothing is wrong, 1 something must be mended, 2 the arguments are wrong or there is no such file.
`;

export const validate: Command = { help, run };

/** Also what `--json` prints. */
interface Validation {
  readonly file: string;
  readonly valid: boolean;
  readonly problems: readonly MapProblem[];
  /** What is allowed and probably not meant. */
  readonly hints: readonly string[];
  readonly reached: readonly Reached[];
}

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(args, { texts: ["map"], flags: ["offline", "json"], required: [] });
  if (given.problems.length > 0) {
    terminal.err(`${given.problems.join("\n")}\nMore: rotation-bridge help validate\n`);
    return exitCodes.unusable;
  }
  const file = given.texts.get("map") ?? defaultMapFile;
  const read = await readText(file, "Name the rotation map with --map, or make one: rotation-bridge init.");
  if (!read.ok) {
    terminal.err(fileProblemsText([read.problem]));
    return exitCodes.unusable;
  }
  const offline = given.flags.get("offline") === true;
  const validation = await withProgress(terminal, (progress) => validated(read.text, file, offline, progress));
  const { map } = validation;
  const result: Validation = validation.result;
  if (given.flags.get("json") === true) terminal.out(`${JSON.stringify(result, undefined, 2)}\n`);
  else terminal.out(validationText(result, map, terminal.paint));
  return result.valid ? exitCodes.done : exitCodes.refused;
}

async function validated(
  text: string,
  file: string,
  offline: boolean,
  progress: (doing: string) => void,
): Promise<{ readonly result: Validation; readonly map: RotationMap | undefined }> {
  const parsed = parseRotationMap(text, file);
  const named = await checkNamedFiles(text, file);
  if (!parsed.ok) {
    const problems = [...parsed.problems, ...named].sort((one, other) => one.line - other.line);
    return { result: { file, valid: false, problems, hints: [], reached: [] }, map: undefined };
  }
  const { map } = parsed;
  const reached = offline ? [] : await reachAll(map, file, progress);
  const valid = named.length === 0 && reached.every(({ problem }) => problem === undefined);
  return { result: { file, valid, problems: named, hints: mapHints(map), reached }, map };
}

function validationText(
  { file, valid, problems, hints, reached }: Validation,
  map: RotationMap | undefined,
  paint: Paint,
): string {
  const lines = problems.map((problem) => `${paint.bad("Problem")} ${mapProblemText(problem)}`);
  lines.push(
    ...reached.flatMap(({ what, problem, mend }) =>
      problem === undefined ? [] : [`${paint.bad("Problem")} ${what}: ${problem} ${mend ?? ""}`],
    ),
  );
  lines.push(...hints.map((hint) => `${paint.warn("Hint")} ${hint}`));
  const answers = reached.filter(({ problem }) => problem === undefined).map(({ what, says }) => [what, says]);
  if (answers.length > 0) lines.push(...table(answers));
  const inside =
    map === undefined
      ? ""
      : ` ${count(map.vaults.length, "vault")}, ${count(map.clusters.length, "cluster")}, mode ${map.mode}.`;
  const total = problems.length + reached.filter(({ problem }) => problem !== undefined).length;
  const verdict = valid ? `${shown(file)} is valid.${inside}` : `${shown(file)} has ${count(total, "problem")}.`;
  return `${[...lines, valid ? verdict : paint.bold(verdict)].join("\n")}\n`;
}
