/** What a scalar means to gopkg.in/yaml.v3 (its resolve.go): null, text, or a number. */

import { decodeBase64 } from "./binary-text.ts";
import type { YamlScalar } from "./yaml-node.ts";
import { YamlError } from "./yaml-error.ts";

/** `text` is what a field of type string gets; `number` what one of type int32 gets before it is cut and checked. */
export type Resolved =
  | { readonly kind: "null" }
  | { readonly kind: "value"; readonly text: string; readonly number: number | undefined };

/** Throws YamlError for a tag that the text does not fit. */
export function resolveScalar(node: YamlScalar): Resolved {
  const { tag, value } = node;
  if (tag === "!!str" || (tag === undefined && !node.plain)) return { kind: "value", text: value, number: undefined };
  if (tag === "!!binary") return { kind: "value", text: textOf(value), number: undefined };
  if (tag === "!!timestamp") throw new YamlError("unsupported", "it has the tag !!timestamp");
  // Tags that yaml.v3 does not know change nothing: the text stays text.
  if (tag !== undefined && !resolvable.has(tag)) return { kind: "value", text: value, number: undefined };
  const meaning = plainMeaning(value);
  const fits = tag === undefined || tag === meaning.tag || (tag === "!!float" && meaning.tag === "!!int");
  if (!fits) throw new YamlError("invalid", `a value does not fit its tag ${tag}`);
  if (meaning.tag === "!!null") return { kind: "null" };
  return { kind: "value", text: value, number: meaning.number };
}

const resolvable: ReadonlySet<string> = new Set(["!!bool", "!!int", "!!float", "!!null"]);

interface Meaning {
  readonly tag: "!!null" | "!!bool" | "!!int" | "!!float" | "!!str" | "!!merge";
  readonly number: number | undefined;
}

function plainMeaning(text: string): Meaning {
  if (/^(?:|~|null|Null|NULL)$/.test(text)) return { tag: "!!null", number: undefined };
  if (/^(?:true|True|TRUE|false|False|FALSE)$/.test(text)) return { tag: "!!bool", number: undefined };
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return { tag: "!!float", number: Number.NaN };
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return { tag: "!!float", number: Number.POSITIVE_INFINITY };
  if (text === "<<") return { tag: "!!merge", number: undefined };
  if (text.startsWith(".")) {
    const float = /^\.[0-9]+(?:[eE][-+]?[0-9]+)?$/.test(text) ? Number(text) : Number.NaN;
    return Number.isFinite(float) ? { tag: "!!float", number: float } : { tag: "!!str", number: undefined };
  }
  // A date is no number, and the text of a field stays as it is whether it is a date or not.
  if (!/^[-+0-9]/.test(text)) return { tag: "!!str", number: undefined };
  const digits = text.replaceAll("_", "");
  const integer = goInteger(digits);
  if (integer !== undefined) return { tag: "!!int", number: integer };
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(digits)) {
    const float = Number(digits);
    if (Number.isFinite(float)) return { tag: "!!float", number: float };
  }
  return { tag: "!!str", number: undefined };
}

/**
 * `strconv.ParseInt(text, 0, 64)`, else ParseUint, else what resolve.go adds (`0o-7`). Rounded beyond 2^53, which no
 * caller can tell: an int32 is wanted.
 */
function goInteger(text: string): number | undefined {
  const match =
    /^(?<sign>[-+]?)(?:0[xX](?<hex>[0-9A-Fa-f]+)|0[bB](?<binary>[01]+)|0[oO]?(?<octal>[0-7]+)|(?<decimal>0|[1-9][0-9]*))$/.exec(
      text,
    )?.groups ?? /^(?<sign>-?)(?:0o[-+]?(?<octal>[0-7]+)|0b[-+]?(?<binary>[01]+))$/.exec(text)?.groups;
  if (match === undefined) return undefined;
  const { hex, binary, octal, decimal } = match;
  const size =
    hex !== undefined
      ? Number.parseInt(hex, 16)
      : binary !== undefined
        ? Number.parseInt(binary, 2)
        : octal !== undefined
          ? Number.parseInt(octal, 8)
          : Number(decimal);
  const inner = /^-?0[ob]-/.test(text);
  if (inner && match["sign"] === "-") return undefined;
  const negative = match["sign"] === "-" || inner;
  if (size > (negative ? 2 ** 63 : 2 ** 64)) return undefined;
  return negative ? -size : size;
}

function textOf(base64: string): string {
  const bytes = decodeBase64(base64);
  if (bytes === undefined) throw new YamlError("invalid", "a value with the tag !!binary is not base64");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new YamlError("unsupported", "a value with the tag !!binary is not UTF-8");
  }
}
