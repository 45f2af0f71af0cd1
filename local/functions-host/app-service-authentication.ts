/**
 * Stand-in for App Service authentication, which sits before the app in Azure: takes away the headers that only it may
 * set, looks at the token, and says who calls in `x-ms-client-principal`
 * (https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities). Tokens are known texts here.
 */

export interface Authentication {
  /** True: who brings no token that is known gets 401. False: is let through as nobody. */
  readonly required: boolean;
  /** Claims of a token's bearer, by the token. */
  readonly tokens: ReadonlyMap<string, readonly Claim[]>;
}

export interface Claim {
  readonly typ: string;
  readonly val: string;
}

/** What the platform tells the app of it. */
export const authenticationSettings = { WEBSITE_AUTH_ENABLED: "True" } as const;

/** The headers that reach the app; undefined: the platform itself answers 401. */
export function checked(
  headers: Readonly<Record<string, string>>,
  { required, tokens }: Authentication,
): Readonly<Record<string, string>> | undefined {
  const own = Object.entries(headers).filter(([name]) => !/^x-ms-(client-principal|token-)/.test(name));
  const token = /^Bearer (\S+)$/.exec(headers["authorization"] ?? "")?.[1];
  const claims = tokens.get(token ?? "");
  if (claims === undefined) return required ? undefined : Object.fromEntries(own);
  const principal = Buffer.from(JSON.stringify({ auth_typ: "aad", claims, name_typ: "name", role_typ: "roles" }));
  return Object.fromEntries([...own, ["x-ms-client-principal", principal.toString("base64")]]);
}
