/** What vaults do: lag, throttle, fail; and what people do to versions. */

import type { VaultFault } from "../../local/key-vault/faults.ts";
import { anyObject, number, text } from "./act-params.ts";
import type { ActKind } from "./acts.ts";
import { vaultName } from "./names.ts";

const faults: Readonly<Record<string, VaultFault>> = {
  throttled: { kind: "throttled" },
  "throttled-retry-after": { kind: "throttled", retryAfterSeconds: 3 },
  "server-error": { kind: "server-error" },
  forbidden: { kind: "forbidden" },
  hang: { kind: "hang" },
  slow: { kind: "slow", ms: 4000 },
  reset: { kind: "reset" },
};

export const vaultActs: Readonly<Record<string, ActKind>> = {
  "vault-fails": {
    weight: 5,
    pick: (random) => ({
      ...anyObject(random),
      fault: random.pick(Object.keys(faults)),
      times: random.int(1, 12),
      forMs: random.int(2, 120) * 1000,
    }),
    run: (sim, params) => {
      const fault = faults[text(params, "fault")];
      if (fault === undefined) return;
      const scope = { vault: vaultName, name: text(params, "object") };
      const heal = sim.vault.faults.add(scope, fault, number(params, "times"));
      sim.clock.after(number(params, "forMs"), heal);
    },
  },
  "vault-lags": {
    weight: 4,
    pick: (random) => ({ ...anyObject(random), forMs: random.int(1, 18) * 1000, reads: random.pick([1, 3, 1000]) }),
    run: (sim, params) => {
      const until = sim.clock.now() + number(params, "forMs");
      sim.lag(text(params, "object"), until);
      sim.vault.stale(vaultName, text(params, "object"), { until, reads: number(params, "reads") });
    },
  },
  "version-lags": {
    weight: 3,
    pick: (random) => ({ ...anyObject(random), forMs: random.int(1, 18) * 1000 }),
    run: (sim, params) => {
      const object = text(params, "object");
      const until = sim.clock.now() + number(params, "forMs");
      sim.lag(object, until);
      sim.vault.stale(vaultName, object, { until, without: "later" });
      sim.newVersion(object, false);
    },
  },
  "version-disabled": {
    weight: 2,
    pick: (random) => ({ ...anyObject(random), forMs: random.int(5, 240) * 1000 }),
    run: (sim, params) => {
      const object = text(params, "object");
      const newest = sim.vault.versions(vaultName, object).at(-1);
      if (newest === undefined) return;
      sim.vault.disable(vaultName, object, newest.version);
      sim.clock.after(number(params, "forMs"), () => {
        if (sim.vault.versions(vaultName, object).some(({ version }) => version === newest.version))
          sim.vault.enable(vaultName, object, newest.version);
      });
    },
  },
  "object-removed": {
    weight: 0.5,
    pick: (random) => ({ ...anyObject(random), forMs: random.int(5, 240) * 1000 }),
    run: (sim, params) => {
      const object = text(params, "object");
      sim.vault.remove(vaultName, object);
      sim.clock.after(number(params, "forMs"), () => sim.newVersion(object, false));
    },
  },
};
