/** How far the bridge reaches: what the map does not allow in so many words is closed to it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { policyFor } from "../../../shared/core/rotation-map.ts";
import { base, parsed, policy } from "./maps.ts";

test("a target that the map does not name has no policy", () => {
  const map = parsed(base.replace("aks:", "namespaces: [shop]\n    aks:"));
  assert.equal(policyFor(map, { cluster: "aks-dev", namespace: "shop" }), undefined);
  assert.equal(policyFor(map, { cluster: "AKS-PROD", namespace: "shop" }), undefined);
  assert.equal(policyFor(map, { cluster: "aks-prod", namespace: "shop-a" }), undefined);
  assert.ok(policyFor(map, { cluster: "aks-prod", namespace: "shop" }));
});

test("a vault flows only where its patterns say", () => {
  for (const [target, flows] of [
    ["aks-prod/shop", true],
    ["aks-prod/shop-a", true],
    ["aks-prod/shopping", false],
    ["aks-prod/kube-system", false],
  ] as const) {
    assert.equal(policy(base, target).vaults.has("kv-shop"), flows, target);
  }
});

test("a target is acted on only if the map says act, and a vault flows only where a pattern of its own matches", () => {
  const word = fc.stringMatching(/^[ab]{1,3}$/);
  const glob = fc.stringMatching(/^[ab*]{1,3}$/);
  const mode = fc.constantFrom(undefined, "observe", "act");
  const maps = fc.record({
    mode,
    clusterMode: mode,
    modes: fc.array(
      fc.record({
        namespaces: fc.array(glob, { minLength: 1, maxLength: 2 }),
        mode: fc.constantFrom("observe", "act"),
      }),
    ),
    namespaces: fc.array(glob, { minLength: 1, maxLength: 2 }),
    vaults: fc.array(fc.array(fc.array(glob, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }), {
      minLength: 1,
      maxLength: 3,
    }),
  });
  const like = (globs: readonly string[], text: string) =>
    globs.some((pattern) => new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(text));
  fc.assert(
    fc.property(maps, word, (raw, namespace) => {
      const map = parsed(
        JSON.stringify({
          mode: raw.mode,
          vaults: raw.vaults.map((flows, index) => ({
            name: `kv-${index}`,
            flowsTo: flows.map((namespaces) => ({ cluster: "c*", namespaces })),
          })),
          clusters: [
            { name: "c1", kubeconfig: "k", mode: raw.clusterMode, modes: raw.modes, namespaces: raw.namespaces },
            { name: "d1", kubeconfig: "k", mode: "act" },
          ],
        }),
      );
      const found = policyFor(map, { cluster: "c1", namespace });
      assert.equal(found !== undefined, like(raw.namespaces, namespace));
      if (found !== undefined) {
        const said = raw.modes.find((entry) => like(entry.namespaces, namespace))?.mode ?? raw.clusterMode ?? raw.mode;
        assert.equal(found.mode === "act", said === "act");
        const flowing = raw.vaults.flatMap((flows, index) =>
          flows.some((globs) => like(globs, namespace)) ? [`kv-${index}`] : [],
        );
        assert.deepEqual([...found.vaults], flowing);
      }
      assert.equal(policyFor(map, { cluster: "d1", namespace })?.vaults.size, 0);
    }),
  );
});
