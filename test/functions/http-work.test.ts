/** What the HTTP functions ask of the app, over a world in this process. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createHttpWork } from "../../functions/http-work.ts";
import { walkthrough } from "../scenarios/set-ups.ts";
import { portsOf } from "../scenarios/reports.ts";
import { World } from "../scenarios/world.ts";

test("status says nothing good of a cluster or a namespace that is not there", async () => {
  const world = new World({ generation: "1.6" });
  await walkthrough(world);
  const queue = { send: async () => assert.fail(), sendRaw: async () => assert.fail() };
  const http = createHttpWork({ ...portsOf(world), queue });
  const status = (query: { readonly cluster?: string; readonly namespace?: string }) =>
    world.clock.until(http.status(query));
  assert.equal((await status({}))?.allCurrent, true);
  assert.equal((await status({ cluster: "blue", namespace: "default" }))?.allCurrent, true);
  assert.equal(await status({ cluster: "bleu" }), undefined);
  assert.equal(await status({ cluster: "bleu", namespace: "default" }), undefined);
  const nothing = await status({ namespace: "defualt" });
  assert.deepEqual([nothing?.allCurrent, nothing?.targets], [false, []]);
  world.stop();
});
