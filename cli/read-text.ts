/** A file as text, or what is wrong with it. */

import { readFile, stat } from "node:fs/promises";
import type { FileProblem } from "./file-problem.ts";

export type TextAnswer =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: FileProblem };

/** Far more than a class or an answer of a vault: a bound on what a wrong path costs. */
const mostBytes = 4_194_304;

/** `mendMissing` says how to come by the file where it is not there. */
export async function readText(file: string, mendMissing: string): Promise<TextAnswer> {
  const problem = (what: string, mend: string): TextAnswer => ({
    ok: false,
    problem: { file, path: "", problem: what, mend },
  });
  try {
    if ((await stat(file)).size > mostBytes) return problem("It is larger than 4 MiB.", "Name the right file.");
    const bytes = await readFile(file);
    if (isUtf16(bytes))
      return problem("It is UTF-16, as Windows PowerShell writes it.", "Write it with PowerShell 7, cmd or bash.");
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return problem("There is no such file.", mendMissing);
    if (code === "EISDIR") return problem("It is a folder.", "Name a file.");
    if (code === "EACCES" || code === "EPERM") return problem("It may not be read.", "Give yourself the permission.");
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return problem("It is not UTF-8.", "Write it as UTF-8.");
    return problem(`It cannot be read (${String(code)}).`, "Look at the file and its folder.");
  }
}

function isUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}
