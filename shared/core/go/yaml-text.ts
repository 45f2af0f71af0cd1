/** What is checked in a YAML text before and beside its syntax. */

import { YamlError } from "./yaml-error.ts";

/** In UTF-16 units. Hundreds of objects fit; the worst text of this size takes well under a second to read. */
export const longestYaml = 64 * 1024;

/**
 * Answers the text without its byte order mark. Throws YamlError: for characters that yaml.v3 refuses ("control
 * characters are not allowed"), and for what its reader and ours may read in different ways.
 */
export function checkText(text: string): string {
  if (text.length > longestYaml) throw new YamlError("unsupported", `it is longer than ${longestYaml} characters`);
  if (!text.isWellFormed() || forbidden.test(text))
    throw new YamlError("invalid", "it holds a control character, which the provider's YAML reader refuses");
  // yaml.v3 ends a line at these, YAML 1.2 does not.
  if (/[\u0085\u2028\u2029]/.test(text))
    throw new YamlError("unsupported", "it holds a line separator other than LF and CRLF");
  if (/\r(?!\n)/.test(text)) throw new YamlError("unsupported", "it holds a CR without LF");
  const body = text.startsWith("\ufeff") ? text.slice(1) : text;
  if (body.includes("\ufeff")) throw new YamlError("unsupported", "it holds a byte order mark after its beginning");
  if (/^%/m.test(body)) throw new YamlError("unsupported", "it has a line that begins with '%'");
  if (/^(?: |-(?=[ \t]))*\t/m.test(body)) throw new YamlError("unsupported", "it has a line that is indented by a tab");
  if (/^---(?=[ \t]*[^ \t\r\n])/m.test(body))
    throw new YamlError("unsupported", "a '---' shares its line with content");
  if (/^\.\.\./m.test(body) && !/^(?!\.\.\.)[^]*\n\.\.\.\s*$/.test(body))
    throw new YamlError("unsupported", "it has a '...' before its end");
  return body;
}

/**
 * Throws for a quoted text that yaml.v3 refuses and the package takes: one whose closing quote is itself escaped, the
 * escape `\/`, and escapes of halves of surrogate pairs. `source` is the text with its quotes.
 */
export function checkQuoted(source: string): void {
  const inner = source.slice(1, -1);
  if (source.startsWith("'")) {
    if (inner.replaceAll("''", "").includes("'")) throw new YamlError("invalid", "a quoted text is not closed");
    return;
  }
  if (/["\\]/.test(inner.replaceAll(escapes, ""))) throw new YamlError("invalid", "a quoted text is not closed");
  for (const [escape] of inner.matchAll(escapes)) {
    if (escape === "\\/")
      throw new YamlError("invalid", "it has the escape '\\/', which the provider's YAML reader refuses");
    const code = Number.parseInt(escape.slice(2), 16);
    if ((code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
      throw new YamlError("invalid", "it has an escape that is no character");
  }
}

const escapes = /\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[^])/g;

// All but tab, LF, CR, NEL, printable ASCII and what follows U+00A0 without surrogates, U+FFFE and U+FFFF.
const forbidden = /[^\t\n\r\u0020-\u007e\u0085\u00a0-\ufffd\u{10000}-\u{10ffff}]/u;
