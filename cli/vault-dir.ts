/**
 * A folder that a person filled from a vault -> its answers for one class. Layout, in docs/cli.md:
 *
 *     secrets/NAME.json           az keyvault secret show --vault-name VAULT --name NAME -o json
 *     secrets/NAME@VERSION.json   the same with --version VERSION, for a pin or a history
 *     secrets/NAME.versions.json  az keyvault secret list-versions ..., for objectVersionHistory
 *     certificates/..., keys/...  likewise
 */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ClassContent } from "../shared/core/provider-class.ts";
import { fetchKey, neededLists, neededObjects } from "../shared/core/rendering/needed-objects.ts";
import type { NeededObject } from "../shared/core/rendering/needed-objects.ts";
import { objectKey } from "../shared/core/vault-object.ts";
import type { ObjectType, VaultAnswer, VaultObject, VersionListAnswer } from "../shared/core/vault-object.ts";
import type { FileProblem } from "./file-problem.ts";
import { readText } from "./read-text.ts";
import { readObjectFile, readVersionsFile } from "./vault-file.ts";
import type { Read } from "./vault-file.ts";

export interface VaultFolder {
  /** As `render` wants them. */
  readonly answers: ReadonlyMap<string, VaultAnswer>;
  readonly lists: ReadonlyMap<string, VersionListAnswer>;
  /** With any of these the rest is of no use. */
  readonly problems: readonly FileProblem[];
}

/** Reads only what the class needs; what the folder holds besides is not looked at. */
export async function readVaultFolder(folder: string, content: ClassContent): Promise<VaultFolder> {
  const present = await namesIn(folder);
  if (present === undefined) {
    const mend = `Make it with: umask 077; mkdir -p ${["secrets", "certificates", "keys"].map((name) => quoted(join(folder, name))).join(" ")}`;
    const problem = { file: folder, path: "", problem: "There is no such folder.", mend };
    return { answers: new Map(), lists: new Map(), problems: [problem] };
  }
  const shelf = await openShelf(folder);
  const problems: FileProblem[] = [];
  const keep = <T>(into: Map<string, T>, key: string, found: Found<T>) => {
    if (found.ok) into.set(key, found.answer);
    else problems.push(...found.problems);
  };
  const lists = new Map<string, VersionListAnswer>();
  for (const object of neededLists(content)) keep(lists, objectKey(object), await versionList(shelf, object));
  const answers = new Map<string, VaultAnswer>();
  for (const needed of neededObjects(content, lists))
    keep(answers, fetchKey(needed.object, needed.pin), await oneVersion(shelf, needed));
  return { answers, lists, problems: [...new Map(problems.map((one) => [JSON.stringify(one), one])).values()] };
}

type Found<T> =
  | { readonly ok: true; readonly answer: T }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

/** Path of a file from the names that are there: Key Vault does not regard case, file systems may. */
type Shelf = (type: ObjectType, file: string) => { readonly path: string; readonly there: boolean };

async function openShelf(folder: string): Promise<Shelf> {
  const present = new Map<string, string>();
  for (const type of ["secret", "cert", "key"] as const)
    for (const name of (await namesIn(join(folder, collections[type].folder))) ?? [])
      present.set(`${type}/${name}`.toLowerCase(), name);
  return (type, file) => {
    const found = present.get(`${type}/${file}`.toLowerCase());
    return { path: join(folder, collections[type].folder, found ?? file), there: found !== undefined };
  };
}

async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder);
  } catch {
    return undefined;
  }
}

const collections = {
  secret: { folder: "secrets", word: "secret" },
  cert: { folder: "certificates", word: "certificate" },
  key: { folder: "keys", word: "key" },
} as const;

async function versionList(shelf: Shelf, object: VaultObject): Promise<Found<VersionListAnswer>> {
  const { path } = shelf(object.type, `${object.name}.versions.json`);
  return readOne(path, azCommand(object, "list-versions", path), (text) => readVersionsFile(text, object));
}

/** A pinned version may also be the one that `NAME.json` holds. */
async function oneVersion(shelf: Shelf, { object, pin }: NeededObject): Promise<Found<VaultAnswer>> {
  const current = shelf(object.type, `${object.name}.json`);
  const read = (path: string, command: string) => readOne(path, command, (text) => readObjectFile(text, object));
  if (pin === undefined) return read(current.path, azCommand(object, "show", current.path));
  const pinned = shelf(object.type, `${object.name}@${pin}.json`);
  if (!pinned.there && current.there) {
    const found = await read(current.path, "");
    if (found.ok && isVersion(found.answer, pin)) return found;
  }
  const found = await read(pinned.path, azCommand(object, `show --version ${pin}`, pinned.path));
  if (!found.ok || !found.answer.ok || isVersion(found.answer, pin)) return found;
  const problem = `It holds the version ${found.answer.current.version}.`;
  return { ok: false, problems: [{ file: pinned.path, path: "", problem, mend: `Its name asks for ${pin}.` }] };
}

function isVersion(answer: VaultAnswer, version: string): boolean {
  return answer.ok && answer.current.version.toLowerCase() === version.toLowerCase();
}

async function readOne<T>(file: string, command: string, parse: (text: string) => Read<T>): Promise<Found<T>> {
  const read = await readText(file, `Fill it with: ${command}`);
  if (!read.ok) return { ok: false, problems: [read.problem] };
  const parsed = parse(read.text);
  return parsed.ok ? parsed : { ok: false, problems: parsed.findings.map((finding) => ({ file, ...finding })) };
}

function azCommand({ vault, type, name }: VaultObject, verb: string, path: string): string {
  return `az keyvault ${collections[type].word} ${verb} --vault-name ${vault} --name ${name} -o json > ${quoted(path)}`;
}

/** For a shell. */
function quoted(path: string): string {
  return /^[-\w./@]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
