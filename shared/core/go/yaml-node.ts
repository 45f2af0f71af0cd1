/**
 * YAML text -> a tree as gopkg.in/yaml.v3 v3.0.1 builds it. The syntax is read by the package `yaml`; this file takes
 * what both readers see alike and refuses the rest, so that no text is read in another way than by the provider.
 */

import { Composer, Parser, isAlias, isMap, isPair, isScalar, isSeq } from "yaml";
import type { Pair, Scalar } from "yaml";
import { YamlError } from "./yaml-error.ts";
import { checkQuoted, checkText } from "./yaml-text.ts";

export type YamlNode = YamlScalar | YamlMapping | YamlSequence | YamlAlias;

export interface YamlScalar {
  readonly kind: "scalar";
  readonly value: string;
  /** Short form (`!!int`); undefined without a tag. */
  readonly tag: string | undefined;
  /** Plain scalars are resolved (null, numbers), all others are text. */
  readonly plain: boolean;
}

export interface YamlMapping {
  readonly kind: "mapping";
  readonly entries: (readonly [key: YamlNode, value: YamlNode])[];
}

export interface YamlSequence {
  readonly kind: "sequence";
  readonly items: YamlNode[];
}

export interface YamlAlias {
  readonly kind: "alias";
  readonly name: string;
  readonly target: YamlNode;
}

/** Reads the first document; undefined for a text without one. Throws YamlError, and nothing else. */
export function readYaml(text: string): YamlNode | undefined {
  const body = checkText(text);
  // Go decodes the first document only, but scans a little way into the next: trouble anywhere refuses the text.
  const roots = compose(body).map((contents) => new Tree(body).node(contents, 0));
  const first = roots[0];
  if (first?.kind === "scalar" && first.plain && first.value === "" && /^\.\.\./m.test(body))
    throw new YamlError("invalid", "it ends before it begins");
  return first;
}

function compose(text: string): readonly unknown[] {
  try {
    const composer = new Composer({
      schema: "failsafe",
      uniqueKeys: false,
      keepSourceTokens: true,
      logLevel: "silent",
    });
    return [...composer.compose(new Parser().parse(text))].map(({ errors, contents }) => {
      if (errors[0] !== undefined) throw new YamlError("invalid", `it is not YAML (${errors[0].code})`);
      return contents;
    });
  } catch (error) {
    if (error instanceof YamlError) throw error;
    // The package's own recursion has no bound but the stack.
    throw new YamlError("unsupported", "it is nested too deeply");
  }
}

const deepest = 100;

class Tree {
  readonly #anchors = new Map<string, YamlNode>();
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  node(found: unknown, depth: number, inFlow = false): YamlNode {
    if (depth > deepest) throw new YamlError("unsupported", "it is nested too deeply");
    if (isAlias(found)) return this.#alias(found.source);
    if (isScalar(found)) return this.#keep(found.anchor, this.#scalar(found, inFlow));
    // An anchor is known before what it holds is read, as in Go: a tree may contain itself.
    if (isSeq(found)) {
      const sequence: YamlSequence = { kind: "sequence", items: [] };
      this.#keep(found.anchor, sequence);
      for (const item of found.items) sequence.items.push(this.node(item, depth + 1, inFlow || found.flow === true));
      return sequence;
    }
    if (isMap(found)) {
      const mapping: YamlMapping = { kind: "mapping", entries: [] };
      this.#keep(found.anchor, mapping);
      const flow = inFlow || found.flow === true;
      for (const pair of found.items) mapping.entries.push(this.#entry(pair, depth + 1, flow));
      return mapping;
    }
    // What is left out: a key or value of which nothing is written.
    if (found === null || found === undefined) return { kind: "scalar", value: "", tag: undefined, plain: true };
    throw new YamlError("unsupported", isPair(found) ? "it has a pair outside of a mapping" : "it has an unknown node");
  }

  #entry(pair: Pair, depth: number, inFlow: boolean): readonly [YamlNode, YamlNode] {
    const { start = [], sep = [] } = pair.srcToken ?? {};
    if (start.some((token) => token.type === "explicit-key-ind"))
      throw new YamlError("unsupported", "it has a key written with '?'");
    const colon = sep.findIndex((token) => token.type === "map-value-ind");
    const broken = sep.slice(0, colon + 1).some((token) => token.type === "newline");
    const [from, to] = (isScalar(pair.key) ? pair.key.range : undefined) ?? [0, 0];
    if (broken || this.#text.slice(from, to).includes("\n"))
      throw new YamlError("unsupported", "it has a key that does not end on the line where it begins");
    const key = this.node(pair.key, depth, inFlow);
    if (key.kind === "scalar" && key.plain && key.value === "")
      throw new YamlError("unsupported", "it has a ':' without a key before it");
    const touching = sep.length === colon + 1 && pair.srcToken?.value !== undefined;
    if (inFlow && key.kind === "scalar" && key.plain && touching)
      throw new YamlError("unsupported", "it has a ':' between brackets without a blank after it");
    return [key, this.node(pair.value, depth, inFlow)];
  }

  #scalar(found: Scalar, inFlow: boolean): YamlScalar {
    let value = found.source ?? "";
    const source = found.srcToken !== undefined && "source" in found.srcToken ? found.srcToken.source : "";
    if (found.type === "QUOTE_DOUBLE" || found.type === "QUOTE_SINGLE") checkQuoted(source);
    // yaml.v3 keeps the end of a block text as it is; the package adds the line feed that is missing there.
    const header = this.#text.slice(found.range?.[0]).match(/^.*/)?.[0] ?? "";
    if (found.type?.startsWith("BLOCK_") === true && !/^[|>][-+0-9]*[ \t]*(?:#.*)?\r?$/.test(header))
      throw new YamlError("invalid", "a '|' or '>' shares its line with the text");
    const atEnd = found.range?.[1] === this.#text.length && !this.#text.endsWith("\n");
    if (found.type?.startsWith("BLOCK_") === true && atEnd && value.endsWith("\n")) value = value.slice(0, -1);
    const plain = found.type === "PLAIN" || found.type === undefined;
    if (plain && inFlow && /^:|\?/.test(value))
      throw new YamlError("unsupported", "it has a value with ':' or '?' between brackets that is not quoted");
    if (found.tag !== undefined && !/^[-!:.,/\w]+$/.test(found.tag))
      throw new YamlError("unsupported", "a tag has unusual characters");
    // `!` alone asks for nothing in yaml.v3.
    const tag = found.tag === undefined || found.tag === "!" ? undefined : shortTag(found.tag);
    return { kind: "scalar", value, tag, plain };
  }

  #alias(name: string): YamlAlias {
    const target = this.#anchors.get(name);
    if (target === undefined) throw new YamlError("invalid", "it refers to an anchor that is not defined before");
    return { kind: "alias", name, target };
  }

  #keep(anchor: string | undefined, node: YamlNode): YamlNode {
    if (anchor === undefined) return node;
    if (!/^[-_A-Za-z0-9]+$/.test(anchor)) throw new YamlError("unsupported", "an anchor's name has unusual characters");
    this.#anchors.set(anchor, node);
    return node;
  }
}

function shortTag(tag: string): string {
  return tag.startsWith(longPrefix) ? `!!${tag.slice(longPrefix.length)}` : tag;
}

const longPrefix = "tag:yaml.org,2002:";
