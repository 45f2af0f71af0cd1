import { parseProviderClass } from "../../shared/core/parse-provider-class.ts";
import type { ProviderClass } from "../../shared/core/provider-class.ts";
import type { JsonObject } from "./json.ts";
import { once } from "./once.ts";

/** A stored SecretProviderClass, parsed once for all that ask: drivers, the Cluster port, tests. Its YAML takes long. */
export const providerClassOf: (raw: JsonObject) => ProviderClass = once(parseProviderClass);
