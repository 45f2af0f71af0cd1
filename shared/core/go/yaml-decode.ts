/**
 * A YAML text into named fields, as gopkg.in/yaml.v3 v3.0.1 decodes it into a struct (its decode.go): names compare
 * exactly, unknown ones are ignored, a key that is there twice is an error, `<<` merges what is not set.
 */

import { resolveScalar } from "./yaml-resolve.ts";
import { YamlError } from "./yaml-error.ts";
import { readYaml } from "./yaml-node.ts";
import type { YamlAlias, YamlMapping, YamlNode } from "./yaml-node.ts";

export interface YamlFields {
  readonly strings: ReadonlyMap<string, string>;
  readonly ints: ReadonlyMap<string, number>;
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

export type FieldKind = "string" | "int32" | "strings";

export type Decoded =
  | { readonly ok: true; readonly fields: YamlFields }
  | { readonly ok: false; readonly kind: "invalid" | "unsupported"; readonly message: string };

/** Decodes the first document of `text`. Never throws, ends after a bounded amount of work. */
export function decodeYaml(text: string, wanted: ReadonlyMap<string, FieldKind>): Decoded {
  try {
    const decoder = new Decoder(wanted);
    const root = readYaml(text);
    if (root !== undefined) decoder.document(root);
    return { ok: true, fields: decoder };
  } catch (error) {
    if (error instanceof YamlError) return { ok: false, kind: error.kind, message: error.message };
    throw error;
  }
}

// yaml.v3 bounds the share of aliases in all steps; no honest class comes near this.
const mostAliases = 1000;

class Decoder implements YamlFields {
  readonly strings = new Map<string, string>();
  readonly ints = new Map<string, number>();
  readonly lists = new Map<string, readonly string[]>();
  readonly #wanted: ReadonlyMap<string, FieldKind>;
  readonly #following = new Set<YamlAlias>();
  #aliases = 0;

  constructor(wanted: ReadonlyMap<string, FieldKind>) {
    this.#wanted = wanted;
  }

  document(node: YamlNode): void {
    this.#follow(node, (target) => {
      if (target.kind === "mapping") this.#mapping(target, undefined);
      else if (target.kind === "sequence") throw new YamlError("invalid", "it is a list, not fields with names");
      else if (resolveScalar(target).kind !== "null")
        throw new YamlError("invalid", "it is a single value, not fields with names");
    });
  }

  /** `merged`: the names that are set already, when this mapping is merged into another one. */
  #mapping(node: YamlMapping, merged: Set<string> | undefined): void {
    refuseDuplicates(node);
    const own = new Set<string>();
    let merge: YamlNode | undefined;
    for (const [key, value] of node.entries) {
      if (isMerge(key)) {
        merge = value;
        continue;
      }
      const name = this.#string(key);
      if (name === undefined || merged?.has(name) === true) continue;
      // Two keys that differ as written and not as decoded (an alias, !!binary).
      if (own.has(name) && this.#wanted.has(name)) throw new YamlError("invalid", `the key ${name} is given twice`);
      own.add(name);
      merged?.add(name);
      this.#field(name, value);
    }
    if (merge !== undefined) this.#merge(merge, merged ?? own);
  }

  #merge(node: YamlNode, merged: Set<string>): void {
    const sources = node.kind === "sequence" ? node.items : [node];
    for (const source of sources)
      this.#follow(source, (target) => {
        if (target.kind !== "mapping") throw new YamlError("invalid", "'<<' merges something that has no names");
        this.#mapping(target, merged);
      });
  }

  #field(name: string, value: YamlNode): void {
    const kind = this.#wanted.get(name);
    if (kind === "string") {
      const text = this.#string(value);
      if (text !== undefined) this.strings.set(name, text);
    } else if (kind === "int32") {
      const number = this.#int32(name, value);
      if (number !== undefined) this.ints.set(name, number);
    } else if (kind === "strings") this.lists.set(name, this.#list(name, value));
  }

  #list(name: string, node: YamlNode): readonly string[] {
    return this.#follow(node, (target) => {
      if (target.kind === "scalar" && resolveScalar(target).kind === "null") return [];
      if (target.kind !== "sequence") throw new YamlError("invalid", `${name} is not a list`);
      // Null items are dropped: yaml.v3 counts only what it could set.
      return target.items.map((item) => this.#string(item)).filter((item) => item !== undefined);
    });
  }

  #int32(name: string, node: YamlNode): number | undefined {
    return this.#follow(node, (target) => {
      if (target.kind !== "scalar") throw new YamlError("invalid", `${name} is not a number`);
      const resolved = resolveScalar(target);
      if (resolved.kind === "null") return undefined;
      const whole = Math.trunc(resolved.number ?? Number.NaN);
      if (!(whole >= -(2 ** 31) && whole < 2 ** 31))
        throw new YamlError("invalid", `${name} is not a number of 32 bits (it must not be quoted)`);
      return whole;
    });
  }

  /** Undefined for null. */
  #string(node: YamlNode): string | undefined {
    return this.#follow(node, (target) => {
      if (target.kind !== "scalar")
        throw new YamlError(
          "invalid",
          `it has a ${target.kind} where text is wanted (use '|' to write an item as text)`,
        );
      const resolved = resolveScalar(target);
      return resolved.kind === "null" ? undefined : resolved.text;
    });
  }

  #follow<T>(node: YamlNode, use: (target: Exclude<YamlNode, YamlAlias>) => T): T {
    if (node.kind !== "alias") return use(node);
    if (this.#following.has(node)) throw new YamlError("invalid", "an anchor contains itself");
    this.#aliases += 1;
    if (this.#aliases > mostAliases) throw new YamlError("unsupported", `it follows more than ${mostAliases} aliases`);
    this.#following.add(node);
    const result = this.#follow(node.target, use);
    this.#following.delete(node);
    return result;
  }
}

/** yaml.v3 compares keys as they are written: kind and text, before tags and aliases are looked at. */
function refuseDuplicates(node: YamlMapping): void {
  const seen = new Set<string>();
  for (const [key] of node.entries) {
    const written = `${key.kind} ${key.kind === "scalar" ? key.value : key.kind === "alias" ? key.name : ""}`;
    if (seen.has(written)) throw new YamlError("invalid", "a key is given twice in one mapping");
    seen.add(written);
  }
}

function isMerge(key: YamlNode): boolean {
  if (key.kind !== "scalar" || key.value !== "<<") return false;
  return key.tag === undefined ? key.plain : key.tag === "!!merge";
}
