/** A certificate in many namespaces: to read a PFX takes tens of milliseconds, so a fan-out must not read it for each. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { VaultRead } from "../../local/cluster/csi/mounts.ts";
import { SecretValue } from "../../shared/core/secret-value.ts";
import { fetchKey } from "../../shared/core/rendering/needed-objects.ts";
import type { ObjectVersion } from "../../shared/core/vault-object.ts";
import { recorded } from "./certificates.ts";
import { providerClass, workload } from "./manifests.ts";
import { unheard } from "./one-app.ts";
import { World } from "./world.ts";

const [first, second] = [recorded("pfx-rsa2048-a"), recorded("pfx-p256-a")];
const day = 24 * 60 * 60_000;

/** The drivers' mounts hold on to each version that they read, so that their own rendering is done once a version. */
function remembering(): (read: VaultRead) => VaultRead {
  const known = new Map<string, ObjectVersion>();
  return (read) => ({
    ...read,
    current: async (object, pin) => {
      const answer = await read.current(object, pin);
      if (!answer.ok) return answer;
      const key = fetchKey(object, answer.current.version);
      const current = known.get(key) ?? answer.current;
      known.set(key, current);
      return { ok: true, current };
    },
  });
}

test("a PFX in 60 namespaces: the bridge reads each version's PFX once, not once for each namespace", async (context) => {
  const size = 60;
  const world = new World({ generation: "1.6", driverReads: remembering() });
  world.vault.setCertificate("contoso", "site", first.parts, { createdOn: world.clock.now() - day });
  const namespaces = Array.from({ length: size }, (_, index) => `team-${index}`);
  for (const namespace of namespaces) {
    world.blue.apply(
      providerClass({
        name: "tls",
        namespace,
        objects: [{ objectName: "site" }],
        secrets: { "web-tls": { "tls.crt": "site", "tls.key": "site" } },
        types: { "web-tls": "kubernetes.io/tls" },
      }),
    );
    world.blue.apply(workload({ name: "ingress", namespace, mounts: ["tls"] }));
  }
  await unheard(world, 660_000);
  world.start();
  // Each reading of a PFX begins with its bytes. This watches who takes them, and changes nothing.
  const sizes = new Set([first, second].map(({ parts }) => parts.value.length));
  const read = { driver: 0, bridge: 0 };
  const reveal = context.mock.method(SecretValue.prototype, "reveal");
  world.vault.setCertificate("contoso", "site", second.parts);
  for (const namespace of namespaces) await world.untilOutcome("tls", "converged", `blue/${namespace}`);
  for (const { result, stack } of reveal.mock.calls) {
    if (result === undefined || !sizes.has(result.length)) continue;
    const text = stack.stack ?? "";
    if (text.includes("/local/")) read.driver += 1;
    else if (text.includes("file-content.ts")) read.bridge += 1;
  }
  for (const namespace of namespaces) {
    assert.equal(world.blue.secretValue(namespace, "web-tls", "tls.key"), second.tls.key, namespace);
  }
  assert.ok(read.bridge >= 2, "the wanted version, and the one before to reproduce what is there");
  assert.ok(read.bridge <= 4, `the bridge read a PFX ${read.bridge} times for ${size} namespaces`);
  world.stop();
});
