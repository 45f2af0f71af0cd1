/** B13: values at the limits of what a vault and a Secret can hold. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { objectAt, textAt } from "../../../local/cluster/json.ts";
import type { Scenario } from "./scenario.ts";
import { nextSecond } from "./set-ups.ts";

/** A Key Vault secret holds 25 KB; a Secret 1 MiB. */
const kilobytes25 = 25 * 1024;
const count = 40;
const name = `s${"x".repeat(252)}`;
const longKey = "k".repeat(253);
const odd = "Grüße, 世界 🔑\u0000\t\r\n\"'\\ \u202e end";

export const values: readonly Scenario[] = [
  {
    id: "B13",
    title: "a Secret of nearly 1 MiB, 25 KB values, 253-character names, unicode, binary, empty",
    seconds: 40,
    run: async (scene) => {
      const big = Array.from({ length: count }, (_, index) => `big-${index}`);
      const binary = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
      const wanted = new Map<string, Buffer>();
      const keep = (key: string, object: string, value: string | Buffer) => {
        const text = typeof value === "string" ? value : value.toString("base64");
        wanted.set(key, Buffer.from(value));
        return [object, text] as const;
      };
      const content = (mark: string) => [
        ...big.map((object) => keep(object, object, object.padEnd(kilobytes25, mark))),
        keep(longKey, "unicode", `${odd}${mark}`),
        keep("binary", "binary", Buffer.concat([binary, Buffer.from(mark)])),
        keep("empty", "empty", ""),
      ];
      for (const [object, value] of content("a")) scene.old(object, value);
      const keys = {
        ...Object.fromEntries(big.map((key) => [key, key])),
        [longKey]: "unicode",
        binary: "binary",
        empty: "empty",
      };
      await scene.class({
        name: "kv",
        objects: [...big, "unicode", { objectName: "binary", objectEncoding: "base64" }, "empty"],
        secrets: { [name]: keys },
      });
      await scene.workload({ name: "app", mounts: ["kv"] });
      await scene.settled("Deployment/app");
      await nextSecond(scene);
      const made = content("b").map(([object, value]) => [object, scene.set(object, value)] as const);
      const [first] = made;
      assert.ok(first);
      await scene.announce(first[0], first[1]);
      await scene.untilOutcome("kv", "converged");
      const secret = await scene.get("Secret", name);
      const found = Object.keys(objectAt(secret, "data"));
      const hashes = found.map((key) => [key, hash(Buffer.from(textAt(secret, "data", key), "base64"))]);
      assert.deepEqual(
        Object.fromEntries(hashes),
        Object.fromEntries([...wanted].map(([key, bytes]) => [key, hash(bytes)])),
      );
      const [start] = await scene.live("app");
      assert.ok(start);
      for (const object of big)
        assert.equal(start.files["class-kv"]?.[object]?.toString(), wanted.get(object)?.toString());
      assert.equal(scene.witness.restarts("Deployment/app").length, 1);
    },
  },
];

function hash(bytes: Uint8Array): string {
  return `${bytes.length} bytes, ${createHash("sha256").update(bytes).digest("hex").slice(0, 12)}`;
}
