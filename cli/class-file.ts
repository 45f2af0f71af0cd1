/** A file of manifests -> its SecretProviderClasses, or the one that is meant, as the API server would have them. */

import { LineCounter, parseAllDocuments } from "yaml";
import type { Document, DocumentOptions, ParseOptions, SchemaOptions } from "yaml";
import { z } from "zod";
import { didYouMean } from "../shared/core/did-you-mean.ts";
import { parseProviderClass } from "../shared/core/parse-provider-class.ts";
import { printable } from "../shared/core/printable.ts";
import type { ProviderClass } from "../shared/core/provider-class.ts";
import { positionAt } from "../shared/core/rotation-map/positions.ts";
import type { FileProblem } from "./file-problem.ts";

export interface FoundClass {
  readonly item: ProviderClass;
  /** Undefined where the manifest names none; rendering does not need it. */
  readonly namespace: string | undefined;
}

export type ClassFileAnswer =
  | { readonly ok: true; readonly found: FoundClass }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

/** YAML or JSON, several documents or a List. `wanted`: `name` or `namespace/name`, needed where there are several. */
export function readClassFile(text: string, file: string, wanted: string | undefined): ClassFileAnswer {
  const read = readManifests(text, file);
  return read.ok ? choose(read.manifests, file, wanted) : read;
}

export type ClassesAnswer =
  | { readonly ok: true; readonly classes: readonly ProviderClass[] }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

/** All classes of a file, in any number; each must say its namespace. */
export function readClassesFile(text: string, file: string): ClassesAnswer {
  const read = readManifests(text, file);
  if (!read.ok) return read;
  const manifests = read.manifests.flatMap((manifest) => classShape.safeParse(manifest).data ?? []);
  const problems = manifests
    .filter(({ metadata }) => (metadata.namespace ?? "") === "")
    .map(({ metadata }): FileProblem => ({
      file,
      path: printable(metadata.name),
      problem: "The class names no namespace.",
      mend: "Write metadata.namespace, or take the file from the cluster: kubectl get secretproviderclasses -A -o yaml.",
    }));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, classes: manifests.map(parseProviderClass) };
}

type Manifests =
  | { readonly ok: true; readonly manifests: readonly unknown[] }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

function readManifests(text: string, file: string): Manifests {
  const lines = new LineCounter();
  const documents = [...parseAllDocuments(text, { ...asKubectl, lineCounter: lines })];
  const problems = documents.flatMap((document) =>
    document.errors.map((error): FileProblem => ({
      file,
      path: `line ${positionAt(lines, error.pos[0]).line}`,
      problem: `Not valid YAML: ${printable(error.message, 200).replace(/\.?$/, ".")}`,
      mend: "Mend the syntax; a template must be rendered first.",
    })),
  );
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, manifests: documents.flatMap((document) => objectsOf(plainData(document))) };
}

/** kubectl reads YAML 1.1 (sigs.k8s.io/yaml), but leaves dates and times as text. */
const asKubectl: ParseOptions & DocumentOptions & SchemaOptions = {
  version: "1.1",
  prettyErrors: false,
  customTags: (tags) => tags.filter((tag) => typeof tag === "string" || !isTime(tag)),
};

function isTime({ tag, format }: { readonly tag: string; readonly format?: string }): boolean {
  return tag === "tag:yaml.org,2002:timestamp" || format === "TIME";
}

function plainData(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    // Aliases without end: nothing that the API server would take.
    return undefined;
  }
}

const listShape = z.object({ kind: z.string().endsWith("List"), items: z.array(z.unknown()) });

function objectsOf(data: unknown): readonly unknown[] {
  const list = listShape.safeParse(data);
  return list.success ? list.data.items : [data];
}

const kindShape = z.object({ kind: z.string() });
const classShape = z.looseObject({
  kind: z.literal("SecretProviderClass"),
  metadata: z.looseObject({ name: z.string().min(1), namespace: z.string().min(1).nullish() }),
});

function choose(manifests: readonly unknown[], file: string, wanted: string | undefined): ClassFileAnswer {
  const whole = (problem: string, mend: string): ClassFileAnswer => ({
    ok: false,
    problems: [{ file, path: "", problem, mend }],
  });
  const kinds = manifests.flatMap((manifest) => kindShape.safeParse(manifest).data?.kind ?? []);
  const classes = manifests.flatMap((manifest) => classShape.safeParse(manifest).data ?? []);
  const shown = classes.map(({ metadata }) => printable(fullName(metadata)));
  if (classes.length === 0) {
    if (kinds.includes("SecretProviderClass"))
      return whole("Its SecretProviderClass has no metadata.name.", "Give it the name that it has in the cluster.");
    const others = [...new Set(kinds)].map((kind) => printable(kind)).join(", ");
    return whole("It holds no SecretProviderClass.", others === "" ? "Name another file." : `It holds: ${others}.`);
  }
  const named = classes.filter(({ metadata }) => [metadata.name, fullName(metadata)].includes(wanted ?? metadata.name));
  const [only, another] = named;
  if (only === undefined) {
    const near = didYouMean(wanted ?? "", shown);
    const known = `It has: ${shown.join(", ")}.`;
    return whole(`It has no class of that name.`, near === undefined ? known : `Did you mean ${near}?`);
  }
  if (another !== undefined)
    return whole("It holds several classes.", `Choose one with --name: ${[...new Set(shown)].join(", ")}.`);
  const namespace = only.metadata.namespace ?? undefined;
  const placed = { ...only, metadata: { ...only.metadata, namespace: namespace ?? "default" } };
  return { ok: true, found: { item: parseProviderClass(placed), namespace } };
}

function fullName({ name, namespace }: { readonly name: string; readonly namespace?: string | null | undefined }) {
  return namespace === null || namespace === undefined ? name : `${namespace}/${name}`;
}
