/** `rotation-bridge render`: what the bridge makes of a class, offline. Prints names, sizes and hashes, never a value. */

import { defaultSettings } from "../shared/core/rendering/provider-settings.ts";
import type { ProviderSettings } from "../shared/core/rendering/provider-settings.ts";
import { render as renderClass } from "../shared/core/rendering/render.ts";
import { readArguments } from "./arguments.ts";
import { readClassFile } from "./class-file.ts";
import type { ClassFileAnswer } from "./class-file.ts";
import { exitCodes } from "./command.ts";
import type { Command } from "./command.ts";
import { fileProblemsText } from "./file-problem.ts";
import type { FileProblem } from "./file-problem.ts";
import { readText } from "./read-text.ts";
import { isWhole, reportOf } from "./render-report.ts";
import { renderText } from "./render-text.ts";
import type { Terminal } from "./terminal.ts";
import { readVaultFolder } from "./vault-dir.ts";

const help = `rotation-bridge render --class FILE --vault-dir DIR [options]

Prints what the bridge would write for a SecretProviderClass: the files of its mount and the keys of each
synced Secret, with size, SHA-256 and the object version that the bytes come from; and what it refuses, with
the reason. Works offline and prints no value. A hash of a short password can be guessed: keep the output to
yourself.

  --class FILE      the class as YAML or JSON; other documents of the file are passed over
  --name NAME       which class, where the file holds several; also NAMESPACE/NAME
  --vault-dir DIR   answers of the vault that the class names, as the Azure CLI prints them:
                      az keyvault secret show --vault-name V --name N -o json > DIR/secrets/N.json
                      az keyvault certificate show ...                        > DIR/certificates/N.json
                      az keyvault key show ...                                > DIR/keys/N.json
                    a pinned version: ... --version VERSION > DIR/secrets/N@VERSION.json
                    for objectVersionHistory: ... list-versions ... > DIR/secrets/N.versions.json
                    what the vault refuses: {"error": "not-found"}, "disabled" or "forbidden"
  --json            the same as one JSON document

How the cluster is set up:
  --driver 1.5|1.6                            the Secrets Store CSI driver (default ${defaultSettings.driver})
  --construct-pem-chain=false                 the Azure provider runs with this flag (default true)
  --write-cert-and-key-in-separate-files      the Azure provider runs with this flag (default false)

Exit codes: 0 all is rendered, 1 something is refused, 2 the arguments or a file must be mended.
docs/cli.md says how to compare with the cluster.
`;

export const render: Command = { help, run };

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const options = readOptions(args);
  if (!options.ok) {
    terminal.err(`${options.problems.join("\n")}\nMore: rotation-bridge help render\n`);
    return exitCodes.unusable;
  }
  const { classFile, name, vaultDir, settings, json } = options;
  const read = await readClass(classFile, name);
  // What is wrong with the folder itself is told beside what is wrong with the class.
  const content = read.ok ? read.found.item.content : noContent;
  const vault = await readVaultFolder(vaultDir, content);
  if (!read.ok) return unusable([...read.problems, ...vault.problems], terminal);
  if (vault.problems.length > 0) return unusable(vault.problems, terminal);
  const rendering = renderClass(content, vault.answers, settings, vault.lists);
  const report = reportOf(read.found, rendering, settings);
  terminal.out(json ? `${JSON.stringify(report, undefined, 2)}\n` : renderText(report, terminal.paint));
  return isWhole(report) ? exitCodes.done : exitCodes.refused;
}

const noContent = { ok: false, error: { kind: "invalid", message: "" }, secretObjects: [] } as const;

async function readClass(file: string, name: string | undefined): Promise<ClassFileAnswer> {
  const read = await readText(file, "Name the file that holds the class.");
  return read.ok ? readClassFile(read.text, file, name) : { ok: false, problems: [read.problem] };
}

function unusable(problems: readonly FileProblem[], terminal: Terminal): number {
  terminal.err(fileProblemsText(problems));
  return exitCodes.unusable;
}

type Options =
  | {
      readonly ok: true;
      readonly classFile: string;
      readonly name: string | undefined;
      readonly vaultDir: string;
      readonly settings: ProviderSettings;
      readonly json: boolean;
    }
  | { readonly ok: false; readonly problems: readonly string[] };

function readOptions(args: readonly string[]): Options {
  const given = readArguments(args, {
    texts: ["class", "name", "vault-dir", "driver"],
    flags: ["json", "construct-pem-chain", "write-cert-and-key-in-separate-files"],
    required: ["class", "vault-dir"],
  });
  const driver = given.texts.get("driver") ?? defaultSettings.driver;
  const known = driver === "1.5" || driver === "1.6";
  const problems = known ? given.problems : [...given.problems, "--driver is 1.5 or 1.6; take 1.6 for anything newer."];
  if (problems.length > 0 || !known) return { ok: false, problems };
  return {
    ok: true,
    classFile: given.texts.get("class") ?? "",
    name: given.texts.get("name"),
    vaultDir: given.texts.get("vault-dir") ?? "",
    settings: {
      driver,
      constructPemChain: given.flags.get("construct-pem-chain") ?? defaultSettings.constructPemChain,
      separateFiles: given.flags.get("write-cert-and-key-in-separate-files") ?? defaultSettings.separateFiles,
    },
    json: given.flags.get("json") ?? false,
  };
}
