/**
 * Azure Resource Manager, read only, for `rotation-bridge doctor`: a GET and a list in pages
 * (https://learn.microsoft.com/rest/api/azure). The app itself never calls it. Answers are raw JSON.
 */

import type { TokenCredential } from "@azure/identity";
import { RemoteProblem } from "../core/remote-problem.ts";
import type { RemoteProblemKind } from "../core/remote-problem.ts";
import { field, list, text } from "../core/kubernetes/read.ts";

export interface ArmOptions {
  readonly credential: TokenCredential;
  /** `https://management.azure.com`, that of another cloud, or a stand-in on a loopback host. */
  readonly url: string;
  /** For each request, the token included. */
  readonly timeoutMs?: number;
}

export interface Arm {
  /** `path` begins with a slash and is of our own making or an id that Azure gave. Throws a RemoteProblem. */
  get(path: string, query: ArmQuery): Promise<unknown>;
  /** All pages of a list's `value`. */
  list(path: string, query: ArmQuery): Promise<readonly unknown[]>;
}

export interface ArmQuery {
  readonly version: string;
  readonly filter?: string;
}

/** Far more than anybody has; a bound on a server that never ends its list. */
const mostPages = 200;

export function createArm({ credential, url, timeoutMs = 20_000 }: ArmOptions): Arm {
  const base = new URL(url);

  async function read(address: URL): Promise<unknown> {
    const what = `read ${address.pathname} of Azure`;
    const signal = AbortSignal.timeout(timeoutMs);
    const token = await credential.getToken(`${base.origin}/.default`, { abortSignal: signal }).catch(() => undefined);
    if (token === undefined || token === null)
      throw new RemoteProblem("unauthorized", `Could not ${what}: there is no sign-in. Use az login.`);
    // Nothing of an error or of a refused answer goes on: they may hold what nobody asked for.
    const answer = await fetch(address, {
      headers: { authorization: `Bearer ${token.token}`, accept: "application/json" },
      redirect: "error",
      signal,
    }).catch(() => undefined);
    if (answer === undefined) throw new RemoteProblem("unavailable", `Could not ${what}: Azure could not be reached.`);
    if (answer.status !== 200) {
      await answer.body?.cancel();
      const kind = kinds.get(answer.status) ?? (answer.status >= 500 ? "unavailable" : "rejected");
      throw new RemoteProblem(kind, `Could not ${what}: Azure answered ${answer.status}.`, answer.status);
    }
    return answer.json().catch((): never => {
      throw new RemoteProblem("unavailable", `Could not ${what}: the answer is no JSON.`);
    });
  }

  const addressOf = (path: string, { version, filter }: ArmQuery): URL => {
    const address = new URL(path, base);
    // The token must not follow a path such as `//host` elsewhere.
    if (address.origin !== base.origin) throw new RemoteProblem("rejected", "Azure gave an id that is no path.");
    address.searchParams.set("api-version", version);
    if (filter !== undefined) address.searchParams.set("$filter", filter);
    return address;
  };

  return {
    get: async (path, query) => read(addressOf(path, query)),
    list: async (path, query) => {
      const items: unknown[] = [];
      let address: URL | undefined = addressOf(path, query);
      for (let page = 0; address !== undefined && page < mostPages; page += 1) {
        const answer: unknown = await read(address);
        items.push(...list(field(answer, "value")));
        const next: string | undefined = text(field(answer, "nextLink"));
        address = next === undefined || next === "" ? undefined : (URL.parse(next) ?? undefined);
        // The token must not follow a link to another host.
        if (address !== undefined && address.origin !== base.origin) address = undefined;
      }
      return items;
    },
  };
}

const kinds = new Map<number, RemoteProblemKind>([
  [401, "unauthorized"],
  [403, "forbidden"],
  [404, "not-found"],
  [429, "throttled"],
]);
