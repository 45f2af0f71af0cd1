/**
 * Where an unknown error was thrown: file and line, nothing of its text, which could hold an SDK's answer. Undefined
 * for what is no error or has no stack.
 */
export function thrownAt(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const frame = error.stack?.split("\n").find((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
  return frame?.trim().replace(/^at /, "");
}
