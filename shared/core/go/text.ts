/** Text as Go's standard library treats it, where JavaScript's own functions differ. */

// unicode.IsSpace (Go's package unicode): unlike String.prototype.trim it takes NEL and leaves U+FEFF alone.
const space = "\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const leading = new RegExp(`^[${space}]+`, "u");
const spaces = new RegExp(`^[${space}]$`, "u");

/** `strings.TrimSpace`. */
export function goTrimSpace(text: string): string {
  let end = text.length;
  // From the end by hand: a pattern anchored there is quadratic on long runs of blanks.
  while (end > 0 && spaces.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end).replace(leading, "");
}

/** `strconv.ParseBool`; undefined where Go gives an error. */
export function goParseBool(text: string): boolean | undefined {
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
  if (["0", "f", "F", "FALSE", "false", "False"].includes(text)) return false;
  return undefined;
}

const ascii = /^[ -~]*$/;

/** Length in bytes of UTF-8, which is what `len` of a Go string counts. */
export function goLength(text: string): number {
  return ascii.test(text) ? text.length : new TextEncoder().encode(text).length;
}

/** A name of a class inside a sentence: quoted, on one line, never longer than 80 characters. */
export function quote(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return JSON.stringify(short.toWellFormed());
}
