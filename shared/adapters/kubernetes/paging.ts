/** Lists, read whole in pages. */

import { field, list, text } from "../../core/kubernetes/read.ts";
import { RemoteProblem } from "../../core/remote-problem.ts";

export interface PageRequest {
  readonly limit: number;
  readonly _continue?: string;
}

export interface WholeList {
  readonly items: readonly unknown[];
  /** Of the moment that all pages show; where a watch can go on. */
  readonly resourceVersion: string;
}

export const pageSize = 500;

/**
 * Asks for page after page. A continue token lives about five minutes; where it is refused (410 Expired) the list
 * starts again, at most twice.
 */
export async function readAll(page: (request: PageRequest) => Promise<unknown>, limit = pageSize): Promise<WholeList> {
  for (let restarts = 0; ; restarts += 1) {
    try {
      return await readOnce(page, limit);
    } catch (error) {
      const expired = error instanceof RemoteProblem && error.status === 410;
      if (!expired || restarts >= 2) throw error;
    }
  }
}

async function readOnce(page: (request: PageRequest) => Promise<unknown>, limit: number): Promise<WholeList> {
  let answer = await page({ limit });
  const resourceVersion = text(field(answer, "metadata", "resourceVersion")) ?? "";
  const items = [...list(field(answer, "items"))];
  for (let next = continueOf(answer); next !== ""; next = continueOf(answer)) {
    answer = await page({ limit, _continue: next });
    items.push(...list(field(answer, "items")));
  }
  return { items, resourceVersion };
}

/** The client's typed lists spell it `_continue`. */
function continueOf(answer: unknown): string {
  return text(field(answer, "metadata", "continue")) ?? text(field(answer, "metadata", "_continue")) ?? "";
}
