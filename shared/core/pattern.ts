/**
 * Does `text` match `pattern`, in which `*` stands for any characters, none too, and all others for themselves?
 * Takes time in proportion to the lengths at worst multiplied, never more, whatever the pattern.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const [start = "", ...rest] = pattern.split("*");
  const end = rest.pop();
  if (end === undefined) return pattern === text;
  if (text.length < start.length + end.length || !text.startsWith(start) || !text.endsWith(end)) return false;
  // Leftmost matches leave the most for what follows, so no other choice has to be tried.
  const limit = text.length - end.length;
  let from = start.length;
  for (const part of rest) {
    const found = text.indexOf(part, from);
    if (found === -1 || found + part.length > limit) return false;
    from = found + part.length;
  }
  return true;
}

export function matchesAny(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => matchesPattern(pattern, text));
}
