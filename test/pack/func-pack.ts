/**
 * Which files `func azure functionapp publish` packs: a port of the rule of Azure/azure-functions-core-tools
 * (GitIgnoreParser, ZipHelper), which is not git's. Patterns are anchored at the root and end at a word's end; a file
 * is left out when a pattern matches it and no pattern with `!` does.
 */

/** Left out whatever .funcignore says. */
const neverPacked = [
  /^\.git\//,
  /^\.vscode\//,
  /^(\.funcignore|\.gitignore|local\.settings\.json|project\.lock\.json)$/,
];

/** Of `files` (paths from the root, with `/`), those that are packed under the rules of `funcignore`. */
export function packedFiles(files: readonly string[], funcignore: string): readonly string[] {
  const lines = funcignore.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const denied = pattern(lines.filter((line) => !line.startsWith("!")));
  const allowed = pattern(lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1)));
  return files.filter((file) => {
    if (neverPacked.some((rule) => rule.test(file))) return false;
    return !denied.test(file) || allowed.test(file);
  });
}

function pattern(lines: readonly string[]): RegExp {
  if (lines.length === 0) return /$^/;
  return new RegExp(`^(${lines.map((line) => `(${translate(line)})`).join("|")})\\b`);
}

function translate(line: string): string {
  return line
    .replace(/^\//, "")
    .replaceAll(/[-[\]/{}()+?.\\^$|]/g, String.raw`\$&`)
    .replaceAll("**", "(.+)")
    .replaceAll("*", String.raw`([^\/]+)`);
}
