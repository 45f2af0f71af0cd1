/** Which URLs of a map may be talked to. Tokens and secret values travel there, so the rules are closed. */

/** What is wrong with a URL, and how to mend it. */
export interface UrlProblem {
  readonly problem: string;
  readonly mend: string;
}

/** DNS suffixes of Key Vault in Azure's clouds, with the name of each cloud in a class's `cloudName`. */
const cloudBySuffix = new Map<string, string | undefined>([
  ["vault.azure.net", undefined],
  ["vault.azure.cn", "AZURECHINACLOUD"],
  ["vault.usgovcloudapi.net", "AZUREUSGOVERNMENTCLOUD"],
]);
const vaultSuffixes = [...cloudBySuffix.keys()];

/** The cloud of a vault's URL, in capitals; undefined for the public one and for a stand-in. */
export function cloudOf(text: string): string | undefined {
  const host = URL.parse(text)?.hostname ?? "";
  return cloudBySuffix.get(host.slice(host.indexOf(".") + 1));
}

/** The DNS suffix of Key Vault in a cloud that a class names (in capitals); undefined for one that is not known. */
export function cloudSuffix(cloud: string): string | undefined {
  return [...cloudBySuffix].find(([, name]) => name === cloud)?.[0];
}

/** A vault is asked at `https://<name>.<suffix of a cloud>`, or, for a stand-in, on a loopback host. */
export function vaultUrlProblem(name: string, text: string): UrlProblem | undefined {
  const url = URL.parse(text);
  const general = urlProblem(url);
  if (url === null || general !== undefined) return general;
  if (url.pathname !== "/") return { problem: "The URL has a path.", mend: "Write scheme and host only." };
  if (isLoopback(url.hostname)) return undefined;
  const own = vaultSuffixes.some((suffix) => url.hostname === `${name.toLowerCase()}.${suffix}`);
  if (own && url.port === "") return undefined;
  return {
    problem: "The URL is not the vault's own.",
    mend: `Write https://${name.toLowerCase()}.<suffix> with one of ${vaultSuffixes.join(", ")}.`,
  };
}

/** An API server is asked over https, or, for a stand-in or a local proxy, over http on a loopback host. */
export function serverUrlProblem(text: string): UrlProblem | undefined {
  return urlProblem(URL.parse(text));
}

function urlProblem(url: URL | null): UrlProblem | undefined {
  if (url === null) return { problem: "Not a URL.", mend: "Write it like https://host." };
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    return { problem: "The URL is not https.", mend: "Use https; plain http is for loopback hosts only." };
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    return { problem: "The URL has a user, a query or a fragment.", mend: "Write scheme, host and port only." };
  }
  return undefined;
}

/** Names that never leave the machine. `URL` has already made one spelling of the many of an IPv4 address. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
