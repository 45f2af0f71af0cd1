/** Why a vault did not give what was asked, told by status and error code. No text of the answer is kept. */

import type { VaultProblem } from "../../core/vault-object.ts";

export interface Refusal {
  readonly problem: VaultProblem;
  readonly status: number | undefined;
  /** The innermost error code of the answer, or ours (`Timeout`, `Connection`, `Credential`). */
  readonly code: string | undefined;
  /** How long the vault asks us to wait. */
  readonly retryAfterMs: number | undefined;
}

/** What is known of an error answer. `innerCode` is `error.innererror.code`. */
export interface ErrorAnswer {
  readonly status: number;
  readonly code: string | undefined;
  readonly innerCode: string | undefined;
  readonly message: string | undefined;
  /** The Retry-After header as it came. */
  readonly retryAfter: string | undefined;
  /** For a Retry-After that is a date. */
  readonly now: number;
}

/**
 * A disabled object and a missing permission are both 403; only code and text tell them apart. 400 is how the service
 * refuses a name or version that cannot exist. Source: Key Vault's REST error codes.
 */
export function refusalOf(answer: ErrorAnswer): Refusal {
  return {
    problem: problemOf(answer),
    status: answer.status,
    code: printable(answer.innerCode) ?? printable(answer.code),
    retryAfterMs: waitOf(answer.retryAfter, answer.now),
  };
}

/** No answer at all: a time-out, a broken connection, an answer that can't be read. */
export function unanswered(code: string): Refusal {
  return { problem: "unavailable", status: undefined, code, retryAfterMs: undefined };
}

function problemOf({ status, code, innerCode, message }: ErrorAnswer): VaultProblem {
  if (status === 403) {
    // The text must name the object: a closed network answers "Public network access is disabled".
    const disabled =
      disabledCodes.test(innerCode ?? "") || disabledCodes.test(code ?? "") || disabledText.test(message ?? "");
    return disabled ? "disabled" : "forbidden";
  }
  if (status === 401) return "forbidden";
  if (status === 404 || status === 400 || status === 410) return "not-found";
  if (status === 429) return "throttled";
  return "unavailable";
}

const disabledCodes = /^(?:Secret|Certificate|Key)Disabled$/;
const disabledText =
  /\bdisabled (?:secret|certificate|key)\b|\b(?:secret|certificate|key) is (?:currently )?disabled\b/i;

/** Codes are logged: only what looks like one, so that no free text of an answer gets through. */
function printable(code: string | undefined): string | undefined {
  return code !== undefined && /^[A-Za-z0-9_]{1,40}$/.test(code) ? code : undefined;
}

function waitOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
