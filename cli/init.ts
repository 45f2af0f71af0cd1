/** `rotation-bridge init`: a first rotation map from what the clusters hold. Reads classes only: no Secret, no vault. */

import { stat, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseRotationMap } from "../shared/core/rotation-map.ts";
import { readArguments } from "./arguments.ts";
import { exitCodes } from "./command.ts";
import type { Command } from "./command.ts";
import { fileProblemsText } from "./file-problem.ts";
import { clustersToRead } from "./init-clusters.ts";
import { discover } from "./init-discovery.ts";
import type { Discovery } from "./init-discovery.ts";
import { readInitClasses } from "./init-read.ts";
import { initText } from "./init-text.ts";
import { defaultMapFile } from "./map-file.ts";
import { shown } from "./output.ts";
import { withProgress } from "./progress.ts";
import { count } from "./report-words.ts";
import type { Terminal } from "./terminal.ts";

const help = `rotation-bridge init [options]

Writes a first rotation map in observe mode: the clusters, the vaults that their SecretProviderClasses name,
and the namespaces into which each vault flows today. Comments in it say what to do next. It reads the classes
of the clusters with your own sign-in, no Secret and no vault.

  --cluster ID          ARM id of an AKS cluster (az aks show --query id), or several with blanks between them
  --kubeconfig FILE, --context NAME    or one cluster as kubectl reaches it; without --cluster the kubeconfig
                        and the context that kubectl would take
  --map FILE            the file to write (default ${defaultMapFile})
  --force               write over a file that is there
  --json                what was found as one JSON document

Exit codes: 0 written, 1 written, and something was left out or there is no class to write about,
2 nothing was written: the arguments, a file or the sign-in must be mended first.
`;

export const init: Command = { help, run };

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(args, {
    texts: ["cluster", "kubeconfig", "context", "map"],
    flags: ["force", "json"],
    required: [],
  });
  const { texts, flags } = given;
  const file = texts.get("map") ?? defaultMapFile;
  const problems = [...given.problems];
  if (texts.has("cluster") && (texts.has("kubeconfig") || texts.has("context")))
    problems.push("Choose one of --cluster and --kubeconfig.");
  if (problems.length > 0) return unusable(`${problems.join("\n")}\nMore: rotation-bridge help init\n`, terminal);
  const force = flags.get("force") === true;
  if (!force && (await isThere(file))) return unusable(thereAlready(file), terminal);
  const wanted = { ids: texts.get("cluster"), kubeconfig: texts.get("kubeconfig"), context: texts.get("context") };
  const chosen = await clustersToRead(wanted);
  if (!chosen.ok) return unusable(fileProblemsText(chosen.problems), terminal);
  const read = await withProgress(terminal, (progress) => readInitClasses(chosen.clusters, progress));
  if (!read.ok) return unusable(fileProblemsText(read.problems), terminal);

  const found = discover(read.clusters);
  for (const line of found.left) terminal.err(`Left out: ${shown(line, 400)}\n`);
  if (found.vaults.length === 0) {
    const names = chosen.clusters.map(({ name }) => name).join(", ");
    terminal.err(`Nothing is written: no class of ${names} names a vault. Is the Azure provider used there?\n`);
    return exitCodes.refused;
  }
  const text = await initText(chosen.clusters, found, file);
  const check = parseRotationMap(text, file);
  if (!check.ok) throw new Error("The map that was made does not parse.");
  const written = await write(file, text, force);
  if (written !== undefined) return unusable(written, terminal);
  terminal.out(
    flags.get("json") === true ? `${JSON.stringify({ file, ...found }, undefined, 2)}\n` : summary(file, found),
  );
  return found.left.length === 0 ? exitCodes.done : exitCodes.refused;
}

function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function thereAlready(file: string): string {
  return `${file}: It is there already. Name another file with --map, or write over it with --force.\n`;
}

/** What stands in the way, for the terminal. */
async function write(file: string, text: string, force: boolean): Promise<string | undefined> {
  try {
    await writeFile(resolve(file), text, { flag: force ? "w" : "wx" });
    return undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "EEXIST") return thereAlready(file);
    if (code === "ENOENT") return `${file}: There is no such folder. Make it, or name another file with --map.\n`;
    return `${file}: It cannot be written (${code}). Look at the file and its folder.\n`;
  }
}

function summary(file: string, { clusters, vaults, classes }: Discovery): string {
  const namespaces = new Set(
    vaults.flatMap(({ flowsTo }) =>
      flowsTo.flatMap((flow) => flow.namespaces.map((name) => `${flow.cluster}/${name}`)),
    ),
  );
  const lines = vaults.map(({ name, flowsTo }) => {
    const where = flowsTo.map(({ cluster, namespaces: names }) => `${cluster}: ${names.join(", ")}`).join("; ");
    return `  ${name} -> ${shown(where, 300)}`;
  });
  return `${file} is written, in observe mode: ${count(clusters.length, "cluster")}, ${count(vaults.length, "vault")}, ${count(namespaces.size, "namespace")} with ${count(classes, "class")}.
${lines.join("\n")}
Read it, then: rotation-bridge validate${file === defaultMapFile ? "" : ` --map ${shown(file)}`}
`;
}

function unusable(problem: string, terminal: Terminal): number {
  terminal.err(problem);
  return exitCodes.unusable;
}
