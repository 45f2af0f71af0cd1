/** A report as text: a heading for the mount and for each Secret, a table with full hashes, below each row its origin. */

import { indented, shown, table } from "./output.ts";
import type { Refused, RenderReport, SecretReport } from "./render-report.ts";
import type { Paint } from "./terminal.ts";

export function renderText(report: RenderReport, paint: Paint): string {
  const { refused, secrets, notes } = report;
  const blocks = [
    headLines(report, paint),
    refused === undefined ? fileLines(report, paint) : refusedLines("The class", refused, paint),
    ...(refused === undefined ? secrets.map((secret) => secretLines(secret, paint)) : [notMade(secrets)]),
    notes.map((note) => `Note: ${shownSentence(note)}`),
    compareLines(report),
    [summary(report)],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headLines({ class: { namespace, name, vault }, settings }: RenderReport, paint: Paint): readonly string[] {
  const full = namespace === undefined ? name : `${namespace}/${name}`;
  return [
    paint.bold(`SecretProviderClass ${shown(full)}${vault === undefined ? "" : `, vault ${vault}`}`),
    `rendered as driver ${settings.driver} and a provider with --construct-pem-chain=${settings.constructPEMChain} --write-cert-and-key-in-separate-files=${settings.writeCertAndKeyInSeparateFiles}`,
  ];
}

function fileLines({ files }: RenderReport, paint: Paint): readonly string[] {
  const rows = files.map(({ path, mode, bytes, sha256 }) => [shown(path), mode, String(bytes), sha256]);
  const [head = "", ...lines] = table([["FILE", "MODE", "BYTES", "SHA-256"], ...rows], new Set([2]));
  const origins = files.map(({ object, version, made }) => `${shown(made)}: ${object}, version ${version}`);
  return [paint.bold(`Mount, ${count(files.length, "file")}`), ...rowsWithOrigins(head, lines, origins, paint)];
}

function secretLines(secret: SecretReport, paint: Paint): readonly string[] {
  if ("refused" in secret) return refusedLines(`Secret ${shown(secret.name)}`, secret.refused, paint);
  const rows = secret.keys.map(({ key, bytes, sha256 }) => [shown(key), String(bytes), sha256]);
  const [head = "", ...lines] = table([["KEY", "BYTES", "SHA-256"], ...rows], new Set([1]));
  const origins = secret.keys.map(({ made, object, version }) => `${shown(made)}: ${object}, version ${version}`);
  const heading = paint.bold(`Secret ${shown(secret.name)}, ${shown(secret.type)}, ${count(rows.length, "key")}`);
  return [heading, ...(rows.length === 0 ? [] : rowsWithOrigins(head, lines, origins, paint))];
}

function rowsWithOrigins(head: string, rows: readonly string[], origins: readonly string[], paint: Paint) {
  return indented([
    paint.dim(head),
    ...rows.flatMap((row, index) => [row, ...indented([paint.dim(origins[index] ?? "")])]),
  ]);
}

function refusedLines(what: string, { reason, sentence, about }: Refused, paint: Paint): readonly string[] {
  return [
    `${paint.bold(what)}: ${paint.bad(`refused (${reason})`)}`,
    ...indented([sentence, ...about.map(shownSentence)]),
  ];
}

/** Messages quote what they name, and may be longer than a name. */
function shownSentence(text: string): string {
  return shown(text, 2000);
}

function notMade(secrets: readonly SecretReport[]): readonly string[] {
  const names = secrets.map(({ name }) => shown(name));
  return names.length === 0 ? [] : [`Not written with it: ${names.map((name) => `Secret ${name}`).join(", ")}.`];
}

/** The command that prints the hash of one key in the cluster, for the first Secret that is made. */
function compareLines({ class: { namespace }, secrets }: RenderReport): readonly string[] {
  const plain = /^[-\w.]+$/;
  for (const secret of secrets) {
    const key = "refused" in secret ? undefined : secret.keys.find((line) => plain.test(line.key));
    if (key === undefined || !plain.test(secret.name) || !plain.test(namespace ?? "x")) continue;
    const get = `kubectl get secret ${secret.name}${namespace === undefined ? "" : ` -n ${namespace}`}`;
    const template = `-o go-template='{{index .data "${key.key}" | base64decode}}'`;
    return ["Compare with a key in the cluster:", ...indented([`${get} ${template} | openssl dgst -sha256`])];
  }
  return [];
}

function summary({ refused, files, secrets }: RenderReport): string {
  const bad = secrets.filter((secret: SecretReport) => "refused" in secret).length;
  if (refused !== undefined) return `Nothing is rendered: refused (${refused.reason}).`;
  const made = `${count(files.length, "file")} and ${count(secrets.length - bad, "Secret")} rendered`;
  return bad === 0 ? `${made}, nothing refused.` : `${made}, ${count(bad, "Secret")} refused.`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
