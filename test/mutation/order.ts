/** Broken order and broken locks. */

import type { Mutation } from "./mutation.ts";

export const order: readonly Mutation[] = [
  {
    name: "secret-without-lock",
    harm: "an instance that slept writes an older value over a newer one",
    file: "shared/adapters/kubernetes/cluster.ts",
    find: "{ metadata: { resourceVersion }, data: base64(data) }",
    replace: "{ data: base64(data) }",
    likely: ["test/contract/cluster-kubernetes.test.ts"],
  },
  {
    name: "restart-without-lock",
    harm: "two instances restart one workload",
    file: "shared/adapters/kubernetes/cluster.ts",
    find: "const body = { metadata: { resourceVersion }, spec: { template } };",
    replace: "const body = { spec: { template } };",
    likely: ["test/contract/cluster-kubernetes.test.ts"],
  },
  {
    name: "secret-lock-read-late",
    harm: "what was written to the Secret since the decision is overwritten",
    file: "shared/act.ts",
    find: "const written = await cluster.writeSecret(namespace, step.secret, step.data, step.resourceVersion);",
    replace: `
      const latest = await cluster.secret(namespace, step.secret);
      const written = await cluster.writeSecret(namespace, step.secret, step.data, latest?.resourceVersion ?? step.resourceVersion);`,
    likely: ["test/scenarios/b-order-law.test.ts"],
  },
  {
    name: "vault-before-cluster",
    harm: "an older answer of the vault passes the lock and overwrites the newer value",
    file: "shared/looks.ts",
    find: `
    this.#readScope = scope;
    const decided = await this.#planWithFacts(further, scope, reading);`,
    replace: `
    this.#readScope = scope;
    further.observed = await gatherCluster(cluster, target, scope, policy, () => clock.now());
    const decided = await this.#planWithFacts(further, scope, reading);`,
    likely: ["test/scenarios/b-order-law.test.ts"],
  },
  {
    name: "event-version-written",
    harm: "a late or repeated event brings an old secret back, or keeps the target waiting",
    file: "shared/gather-vault.ts",
    find: "  let reading = await readOnce(vault, contents);",
    replace: `
    const named = new Map(scope === "all" ? [] : scope.map((hint) => [hint.object, hint.version]));
    const real = vault;
    vault = {
      current: (object, pin) => real.current(object, pin ?? named.get(objectKey(object))),
      versions: (object) => real.versions(object),
    };
    let reading = await readOnce(vault, contents);`,
    likely: ["test/scenarios/b-events.test.ts", "test/scenarios/b-side-by-side.test.ts"],
  },
  {
    name: "restart-before-write",
    harm: "new pods start with the old value",
    file: "shared/core/plan/restart-gates.ts",
    find: 'if (secret.state.kind === "wrong")',
    replace: `if (secret.state.kind === "wrong") return undefined;
  if (false)`,
    likely: ["test/scenarios/b-api-faults.test.ts"],
  },
  {
    name: "restart-right-after-write",
    harm: "the kubelet resolves env from a cache that lags: new pods with the old value",
    file: "shared/core/plan/restart-gates.ts",
    find: "const afterWriteMs = 1000;",
    replace: "const afterWriteMs = 0;",
    likely: ["test/scenarios/b-order-law.test.ts"],
  },
  {
    name: "restart-before-times-can-tell",
    harm: "pods that only times prove count as older than the write, and are restarted once more",
    file: "shared/core/plan/restart-gates.ts",
    find: "const tellableMs = 2000;",
    replace: "const tellableMs = 1000;",
    likely: ["test/core/plan/new-objects.test.ts"],
  },
  {
    name: "readers-with-mounters",
    harm: "an old mount puts the old value back just as the reader starts",
    file: "shared/core/plan/decide-all.ts",
    find: "return stable ? waitForSecrets(owner, look) : proof.waitsFor;",
    replace: "return waitForSecrets(owner, look);",
    likely: ["test/scenarios/a-holder.test.ts", "test/scenarios/b-old-mounts.test.ts"],
  },
  {
    name: "settle-ignored",
    harm: "two restarts instead of one, and a mixture of old and new in between",
    file: "shared/core/plan/holds.ts",
    find: "if (left <= 0) return 0;",
    replace: "return 0;",
    likely: ["test/scenarios/b-events.test.ts", "test/scenarios/b-other-reasons.test.ts"],
  },
  {
    name: "reverts-not-mended",
    harm: "an old mount's last look leaves the old value in place, `converged` all the same",
    file: "shared/core/plan/survey.ts",
    find: "  const state = compare(data, seen);",
    replace: `
  const compared = compare(data, seen);
  const wroteIt = [...data.keys()].some(
    (key) => input.memory.counts[\`wrote/\${entry.secretName}/\${key}@\${sources.get(key)?.current.version}\`] > 0,
  );
  const state = compared.kind === "wrong" && wroteIt ? { kind: "right", secret: compared.secret } : compared;`,
    likely: ["test/scenarios/b-old-mounts.test.ts", "test/scenarios/a-holder.test.ts"],
  },
  {
    name: "no-final-look",
    harm: "a Secret that garbage collection takes seconds later is lost and nobody knows",
    file: "shared/core/plan/class-findings.ts",
    find: "const finalLookMs = 10_000;",
    replace: "const finalLookMs = 0;",
    likely: ["test/core/plan/converged.test.ts", "test/scenarios/b-secret-lost.test.ts"],
  },
];
