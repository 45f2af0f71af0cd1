/** The part of the vault's contract about the list of all objects of a vault, as the timer reads it. */

import assert from "node:assert/strict";
import type { VaultFault } from "../../local/key-vault/faults.ts";
import type { ListedAnswer } from "../../shared/core/vault-object.ts";
import { certificate, second } from "./vault-subject.ts";
import type { VaultCase } from "./vault-subject.ts";

export const listedCases: readonly VaultCase[] = [
  {
    behaviour: "lists the dates of current versions, of all types and over pages, disabled ones too",
    check: async ({ store, vault, run }) => {
      for (let count = 0; count < 60; count += 1) {
        store.setCertificate("shop", `Tls-${count}`, certificate, { createdOn: second(count) });
      }
      store.setCertificate("shop", "Tls-7", certificate, { createdOn: second(100) });
      const disabled = store.versions("shop", "Tls-9").at(-1)?.version ?? "";
      store.disable("shop", "Tls-9", disabled, "cert");
      for (const type of ["secret", "cert", "key"] as const) {
        const names = new Set(["tls-7", "tls-9", "tls-59", "gone"]);
        assert.deepEqual(await run(vault.listed("SHOP", type, names, 10)), {
          ok: true,
          objects: new Map([
            ["tls-59", { createdOn: second(59), enabled: true }],
            ["tls-7", { createdOn: second(100), enabled: true }],
            ["tls-9", { createdOn: second(9), enabled: false }],
          ]),
          complete: true,
          requests: 3,
        });
      }
      assert.deepEqual(await run(vault.listed("other", "secret", new Set(["tls-7"]), 10)), {
        ok: true,
        objects: new Map(),
        complete: true,
        requests: 1,
      });
    },
  },
  {
    behaviour: "stops a list when all names are found, and at the bound of requests",
    check: async ({ store, vault, run }) => {
      for (let count = 10; count < 85; count += 1)
        store.setSecret("shop", `s-${count}`, "one", { createdOn: second(0) });
      const asked = async (name: string, atMost: number) => {
        const { ok: _, objects, ...rest } = listOf(await run(vault.listed("shop", "secret", new Set([name]), atMost)));
        return { ...rest, found: [...objects.keys()] };
      };
      assert.deepEqual(await asked("s-40", 9), { complete: true, requests: 2, found: ["s-40"] });
      assert.deepEqual(await asked("s-84", 3), { complete: true, requests: 3, found: ["s-84"] });
      assert.deepEqual(await asked("s-84", 2), { complete: false, requests: 2, found: [] });
    },
  },
  {
    behaviour: "says why it can't list, tries again where that helps, and throws for a vault that is not mapped",
    check: async ({ store, vault, run }) => {
      store.setSecret("shop", "db-password", "one", { createdOn: second(0) });
      const names = new Set(["db-password"]);
      const found = { createdOn: second(0), enabled: true };
      const faults: readonly (readonly [VaultFault, string])[] = [
        [{ kind: "forbidden" }, "forbidden"],
        [{ kind: "throttled" }, "throttled"],
        [{ kind: "server-error" }, "unavailable"],
        [{ kind: "hang" }, "unavailable"],
        [{ kind: "reset" }, "unavailable"],
      ];
      for (const [fault, problem] of faults) {
        const stop = store.faults.add({ call: "objects" }, fault);
        assert.deepEqual(await run(vault.listed("shop", "secret", names, 1)), { ok: false, problem }, fault.kind);
        stop();
        if (fault.kind === "forbidden") continue;
        store.faults.add({ call: "objects" }, fault, 1);
        const { objects } = listOf(await run(vault.listed("shop", "secret", names, 1)));
        assert.deepEqual(objects.get("db-password"), found, fault.kind);
      }
      await assert.rejects(run(vault.listed("nobodys", "secret", names, 1)), /the map does not name it/);
    },
  },
];

function listOf(answer: ListedAnswer): Extract<ListedAnswer, { ok: true }> {
  assert.ok(answer.ok, answer.ok ? "" : answer.problem);
  return answer;
}
