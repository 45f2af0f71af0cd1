/**
 * PEM as Go's package encoding/pem reads and writes it (src/encoding/pem/pem.go, Go 1.24.8 and later). Blocks that other
 * readers take are skipped here and the other way round, so no other reader will do.
 */

import { bytesToText, decodeBase64, encodeBase64, textToBytes } from "./binary-text.ts";

export interface PemBlock {
  /** One character per byte, as everywhere in this file: what is no UTF-8 must come through too. */
  readonly type: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
}

/** All blocks of `pem.Decode` called until it finds none, and what it has left then. */
export function decodePem(data: Uint8Array): { readonly blocks: readonly PemBlock[]; readonly rest: Uint8Array } {
  const blocks: PemBlock[] = [];
  let text = bytesToText(data);
  for (let found = decodeNext(text); found !== undefined; found = decodeNext(text)) {
    blocks.push(found.block);
    text = found.rest;
  }
  return { blocks, rest: textToBytes(text) };
}

/** `pem.EncodeToMemory`: nothing for a header name with a colon. */
export function encodePem(block: PemBlock): Uint8Array {
  const names = [...block.headers.keys()];
  if (names.some((name) => name.includes(":"))) return new Uint8Array();
  const sorted = names.filter((name) => name !== procType).toSorted((a, b) => (a < b ? -1 : 1));
  const ordered = block.headers.has(procType) ? [procType, ...sorted] : sorted;
  const headers = ordered.map((name) => `${name}: ${block.headers.get(name) ?? ""}\n`).join("");
  const body = encodeBase64(block.bytes).replaceAll(/.{1,64}/g, "$&\n");
  const blank = headers === "" ? "" : "\n";
  return textToBytes(`-----BEGIN ${block.type}-----\n${headers}${blank}${body}-----END ${block.type}-----\n`);
}

/** A block without headers. */
export function pemOf(type: string, bytes: Uint8Array): Uint8Array {
  return encodePem({ type, headers: new Map(), bytes });
}

const procType = "Proc-Type";
const begin = "-----BEGIN ";
const end = "\n-----END ";
const dashes = "-----";

/** `pem.Decode`: the next block that is whole, and what comes after it. */
function decodeNext(text: string): { readonly block: PemBlock; readonly rest: string } | undefined {
  let from = 0;
  for (;;) {
    const endAt = text.indexOf(end, from);
    if (endAt === -1) return undefined;
    const trailerAt = endAt + end.length;
    // The last BEGIN before the END: one without an END of its own is passed over.
    const beginAt = text.slice(from, endAt).lastIndexOf(begin);
    const atLineStart = beginAt === 0 || (beginAt > 0 && text.charAt(from + beginAt - 1) === "\n");
    const typeLine = lineAt(text, from + beginAt + begin.length);
    if (atLineStart && typeLine.text.endsWith(dashes)) {
      const type = typeLine.text.slice(0, -dashes.length);
      const read = headersAt(text, typeLine.next);
      if (read === undefined) return undefined;
      const bytes = bodyOf(text, type, read, endAt);
      // One back: where the block is empty, END shares its line break with the line before.
      if (bytes !== undefined)
        return { block: { type, headers: read.headers, bytes }, rest: text.slice(lineAt(text, trailerAt - 1).next) };
      // What looked like headers goes on beyond the END line: Go gives up on everything that follows.
      if (trailerAt < read.next) return undefined;
    }
    from = trailerAt;
  }
}

interface Headers {
  readonly headers: ReadonlyMap<string, string>;
  /** Where the first line without a colon begins. */
  readonly next: number;
}

/** Undefined if the text ends before there is a line that is no header. */
function headersAt(text: string, start: number): Headers | undefined {
  const headers = new Map<string, string>();
  let next = start;
  while (next < text.length) {
    const line = lineAt(text, next);
    const colon = line.text.indexOf(":");
    if (colon === -1) return { headers, next };
    headers.set(trim(line.text.slice(0, colon)), trim(line.text.slice(colon + 1)));
    next = line.next;
  }
  return undefined;
}

/** The bytes between headers and END; undefined where the block is broken. */
function bodyOf(text: string, type: string, { headers, next }: Headers, endAt: number): Uint8Array | undefined {
  if (headers.size > 0 && endAt < next) return undefined;
  const trailerAt = endAt + end.length;
  if (!text.startsWith(`${type}${dashes}`, trailerAt)) return undefined;
  if (lineAt(text, trailerAt + type.length + dashes.length).text !== "") return undefined;
  return endAt > next ? decodeBase64(text.slice(next, endAt).replaceAll(/[ \t]/g, "")) : new Uint8Array();
}

/** `getLine`: up to the line's end, without blanks at its end. */
function lineAt(text: string, start: number): { readonly text: string; readonly next: number } {
  const lineFeed = text.indexOf("\n", start);
  let stop = lineFeed === -1 ? text.length : lineFeed;
  const next = lineFeed === -1 ? text.length : lineFeed + 1;
  if (lineFeed > start && text.charAt(lineFeed - 1) === "\r") stop -= 1;
  while (stop > start && (text.charAt(stop - 1) === " " || text.charAt(stop - 1) === "\t")) stop -= 1;
  return { text: text.slice(start, stop), next };
}

/** `bytes.TrimSpace`: the blanks of Unicode, as the bytes of their UTF-8. */
function trim(text: string): string {
  let start = 0;
  let stop = text.length;
  for (let blank = blankAt(text, start); blank > 0; blank = blankAt(text, start)) start += blank;
  for (let blank = blankBefore(text, start, stop); blank > 0; blank = blankBefore(text, start, stop)) stop -= blank;
  return text.slice(start, stop);
}

function blankAt(text: string, start: number): number {
  return [1, 2, 3].find((length) => blanks.has(text.slice(start, start + length))) ?? 0;
}

function blankBefore(text: string, start: number, stop: number): number {
  return [1, 2, 3].find((length) => stop - length >= start && blanks.has(text.slice(stop - length, stop))) ?? 0;
}

// unicode.IsSpace, as in text.ts.
const spaces =
  "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";
const blanks: ReadonlySet<string> = new Set(
  Array.from(spaces, (space) => bytesToText(new TextEncoder().encode(space))),
);
