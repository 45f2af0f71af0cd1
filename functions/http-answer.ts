/** What an HTTP function answers: JSON of ours, never a text of the caller's, and nothing that a cache may keep. */

import type { HttpResponseInit } from "@azure/functions";

export function answer(
  status: number,
  jsonBody: object,
  headers: Readonly<Record<string, string>> = {},
): HttpResponseInit {
  return { status, jsonBody, headers: { ...always, ...headers } };
}

const always = { "cache-control": "no-store", "x-content-type-options": "nosniff" } as const;
