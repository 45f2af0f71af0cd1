/** `spec.parameters` of a class, but for `objects`: what the Azure provider checks before it asks a vault. */

import { goLength, goParseBool, goTrimSpace, quote } from "./go/text.ts";
import type { RenderError } from "./provider-class.ts";

export type ParametersAnswer =
  | { readonly ok: true; readonly vault: string; readonly cloud: string | undefined; readonly objects: string }
  | { readonly ok: false; readonly error: RenderError };

/**
 * Reads the parameters as Azure/secrets-store-csi-driver-provider-azure v1.8.2 does (pkg/provider/provider.go,
 * types/parameters.go): every value is trimmed, unknown ones are ignored. How a pod proves who it is
 * (nodePublishSecretRef, service account token) is not in the class, so a class without an identity mode passes.
 */
export function readParameters(parameters: ReadonlyMap<string, string>): ParametersAnswer {
  const value = (name: string): string => goTrimSpace(parameters.get(name) ?? "");
  const modes: string[] = [];
  for (const name of ["usePodIdentity", "useVMManagedIdentity", "useAzureTokenProxy"]) {
    const flag = value(name) === "" ? false : goParseBool(value(name));
    if (flag === undefined) return invalid(`spec.parameters.${name} is no boolean; write "true" or "false".`);
    if (flag) modes.push(name);
  }
  if (modes.length > 1)
    return invalid(`spec.parameters turns on ${modes.join(" and ")}; only one of them may be true.`);
  if (modes[0] === "useAzureTokenProxy" && value("clientID") === "")
    return invalid("spec.parameters.clientID is missing; useAzureTokenProxy needs it.");

  const vault = value("keyvaultName");
  if (vault === "") return invalid("spec.parameters.keyvaultName is missing; name the vault.");
  if (value("tenantID") === "" && value("tenantId") === "")
    return invalid("spec.parameters.tenantID is missing; give the vault's tenant.");

  const cloud = value("cloudName").toUpperCase();
  if (cloud === "AZURESTACKCLOUD")
    return {
      ok: false,
      error: { kind: "unsupported", message: "spec.parameters.cloudName names an Azure Stack cloud." },
    };
  if (cloud !== "" && !clouds.has(cloud))
    return invalid(`spec.parameters.cloudName ${quote(value("cloudName"))} is no Azure cloud; mend or remove it.`);

  const objects = value("objects");
  if (objects === "") return invalid("spec.parameters.objects is missing; name the objects to mount.");
  // The provider looks at the name later, and only if there are objects; without any the mount fails all the same.
  const length = goLength(vault);
  if (length < 3 || length > 24 || !/^[-A-Za-z0-9]+$/.test(vault))
    return invalid(
      `spec.parameters.keyvaultName ${quote(vault)} is no vault's name; use 3 to 24 letters, digits and dashes.`,
    );
  return { ok: true, vault, cloud: cloud === "" || publicClouds.has(cloud) ? undefined : cloud, objects };
}

// Azure/go-autorest: azure.EnvironmentFromName, which ignores case.
const publicClouds: ReadonlySet<string> = new Set(["AZURECLOUD", "AZUREPUBLICCLOUD"]);
const clouds: ReadonlySet<string> = new Set([
  ...publicClouds,
  "AZURECHINACLOUD",
  "AZUREGERMANCLOUD",
  "AZUREUSGOVERNMENT",
  "AZUREUSGOVERNMENTCLOUD",
]);

function invalid(message: string): ParametersAnswer {
  return { ok: false, error: { kind: "invalid", message } };
}
