/**
 * Text from outside, made fit for a log line or a terminal: control, format and unassigned characters (line breaks,
 * escape sequences, marks that turn the writing direction) become `?`, and it ends after `max` characters.
 */
export function printable(text: string, max: number = 80): string {
  // Cut first: the replacement must not run over a megabyte. A cut may halve a surrogate pair; \p{C} catches that.
  const shown = text.slice(0, max).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?");
  return text.length > max ? `${shown}…` : shown;
}
