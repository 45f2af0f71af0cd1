/** The stand-in's store as the contracts' cases see what a cluster holds. */

import { ApiError } from "../../local/cluster/api-error.ts";
import type { Store } from "../../local/cluster/store.ts";
import type { ClusterSubject, Holdings } from "./cluster-checks.ts";
import { put } from "./cluster-objects.ts";

export function holdingsOf(store: Store): Holdings {
  return {
    put: async (kind, object, fieldManager) => put(store, kind, object, fieldManager),
    get: async (kind, namespace, name) => store.get(kind, namespace, name),
    find: async (kind, namespace, name) => store.find(kind, namespace, name),
    patch: async (kind, namespace, name, patch, fieldManager) =>
      store.mergePatch(kind, namespace, name, patch, { fieldManager }),
    delete: async (kind, namespace, name) => void store.delete(kind, namespace, name),
  };
}

/** What is done to a store itself, not to an object in it. */
export function storeControls(store: Store): Pick<ClusterSubject, "deny" | "forget"> {
  return {
    deny: async (message) => {
      const open = store.admit((request) => {
        if (request.verb === "delete") return undefined;
        throw new ApiError(403, "Forbidden", `admission webhook "policy.example.com" denied the request: ${message}`);
      });
      return async () => open();
    },
    forget: async () => store.compact(),
  };
}
