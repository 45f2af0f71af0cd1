/** Does anything answer at the addresses of a map? One request to each, without a token. */

import { lookup } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { dirname, resolve } from "node:path";
import { readKubeconfig } from "../shared/adapters/kubeconfig-text.ts";
import { caPem } from "../shared/adapters/kubernetes/address.ts";
import type { MappedCluster, RotationMap } from "../shared/core/rotation-map/map-types.ts";
import { forEachBounded } from "../shared/bounded.ts";

/** Also part of what `validate --json` prints. */
export interface Reached {
  /** `vault kv-shop`, `cluster aks-prod`. */
  readonly what: string;
  /** What came of it, in words. */
  readonly says: string;
  readonly problem?: string;
  readonly mend?: string;
}

/** Rejects with the code ENOTFOUND for a host that nobody knows, as node:dns does. */
export type ResolveHost = (host: string) => Promise<unknown>;

const timeoutMs = 5000;
const mostAtOnce = 16;

/** Never throws. */
export async function reachAll(
  map: RotationMap,
  file: string,
  progress: (doing: string) => void,
  resolveHost: ResolveHost = lookup,
): Promise<readonly Reached[]> {
  const asks: readonly (() => Promise<Reached>)[] = [
    ...map.vaults.map(
      ({ name, url }) =>
        () =>
          reachVault(name, url, resolveHost),
    ),
    ...map.clusters.map((cluster) => () => reachCluster(cluster, dirname(file), resolveHost)),
  ];
  let done = 0;
  const results = await forEachBounded(asks, mostAtOnce, async (ask) => {
    progress(`Asking the addresses of the map (${done} of ${asks.length} answered)`);
    const result = await ask();
    done += 1;
    return result;
  });
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

async function reachVault(name: string, url: string, resolveHost: ResolveHost): Promise<Reached> {
  const what = `vault ${name}`;
  const answer = await knock(new URL("/secrets?api-version=7.4", url), undefined, resolveHost);
  if (answer.kind === "no-host") {
    const mend = "Mend the vault's name or url, or remove the vault. A vault that was deleted loses its name too.";
    return { what, says: "unknown", problem: `Nobody knows the host ${new URL(url).hostname}.`, mend };
  }
  if (answer.kind === "certificate") {
    return {
      what,
      says: "another certificate",
      problem: `Whoever answers is not the vault (${answer.code}).`,
      mend: "Look for a proxy between here and Azure.",
    };
  }
  return { what, says: wordOf(answer) };
}

async function reachCluster(cluster: MappedCluster, folder: string, resolveHost: ResolveHost): Promise<Reached> {
  const what = `cluster ${cluster.name}`;
  const address = await addressOf(cluster, folder);
  if (address === "asked") return { what, says: "not asked: its address comes from Azure, after signing in" };
  if (address === undefined) return { what, says: "not asked: its files must be mended first" };
  const answer = await knock(new URL("/version", address.server), address.ca, resolveHost);
  if (answer.kind === "no-host") {
    // A private cluster's name is known in its own network only.
    return { what, says: `not reached from here (host ${new URL(address.server).hostname} is not known)` };
  }
  if (answer.kind === "certificate") {
    const mend =
      "Take server and certificate authority from the cluster's kubeconfig: kubectl config view --minify --raw.";
    return {
      what,
      says: "another certificate",
      problem: `The server's certificate is not of the map's authority (${answer.code}).`,
      mend,
    };
  }
  return { what, says: wordOf(answer) };
}

async function addressOf(
  { access }: MappedCluster,
  folder: string,
): Promise<{ readonly server: string; readonly ca: string | undefined } | "asked" | undefined> {
  if (access.kind === "aks") return "asked";
  try {
    if (access.kind === "kubeconfig") {
      const path = resolve(folder, access.file);
      const facts = readKubeconfig(await readFile(path, "utf8"), access.context);
      if (facts?.server === undefined) return undefined;
      const ca =
        facts.caData ??
        (facts.caFile === undefined ? undefined : await readFile(resolve(dirname(path), facts.caFile), "utf8"));
      return { server: facts.server, ca: ca === undefined ? undefined : caPem(ca) };
    }
    const authority = access.certificateAuthority;
    const ca = authority?.kind === "file" ? await readFile(resolve(folder, authority.file), "utf8") : authority?.pem;
    return { server: access.server, ca: ca === undefined ? undefined : caPem(ca) };
  } catch {
    return undefined;
  }
}

type Answer =
  | { readonly kind: "answers" }
  | { readonly kind: "no-host" }
  | { readonly kind: "certificate"; readonly code: string }
  | { readonly kind: "unreached"; readonly code: string };

function wordOf(answer: Answer): string {
  return answer.kind === "unreached" ? `not reached from here (${answer.code})` : "answers";
}

/** Any HTTP answer will do: nobody is signed in. */
async function knock(url: URL, ca: string | undefined, resolveHost: ResolveHost): Promise<Answer> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (!(await isKnown(host, resolveHost))) {
    // Without a network nobody knows any host.
    return (await isKnown(surelyKnown, resolveHost)) ? { kind: "no-host" } : { kind: "unreached", code: "no names" };
  }
  return new Promise((answer) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const options = { signal, agent: false, ...(ca === undefined ? {} : { ca }) };
    const sent = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, options, (response) => {
      response.destroy();
      answer({ kind: "answers" });
    });
    sent.on("error", (error) => {
      const code = signal.aborted ? "no answer within 5 s" : codeOf(error);
      answer(isCertificate(code) ? { kind: "certificate", code } : { kind: "unreached", code });
    });
    sent.end();
  });
}

/** Where Azure itself is asked; every machine that reaches Azure knows it. */
const surelyKnown = "management.azure.com";

function isKnown(host: string, resolveHost: ResolveHost): Promise<boolean> {
  return resolveHost(host).then(
    () => true,
    (error: unknown) => codeOf(error) !== "ENOTFOUND",
  );
}

/** Codes of Node's TLS: https://nodejs.org/api/tls.html#x509-certificate-error-codes. */
function isCertificate(code: string): boolean {
  return /^(CERT_|ERR_TLS_CERT|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH)/.test(
    code,
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "failed";
}
