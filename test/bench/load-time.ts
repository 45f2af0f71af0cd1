/** How long the Functions worker takes to load the bundle, beside an app that has one empty function. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../../build.ts";
import { startWorker } from "../../local/functions-host/worker.ts";
import { root } from "../pack/packed-app.ts";
import { median } from "./numbers.ts";

/** Medians of `rounds` loads of each, in milliseconds, each in a fresh process, in turn. */
export async function loadTimes(rounds: number): Promise<{ readonly ours: number; readonly empty: number }> {
  const folder = await mkdtemp(join(tmpdir(), "load-time-"));
  try {
    const entry = join(folder, "empty.ts");
    await writeFile(entry, emptyApp);
    const apps = [await appIn(join(folder, "ours")), await appIn(join(folder, "none"), entry)] as const;
    const times = apps.map(() => new Array<number>());
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, appDir] of apps.entries()) {
        const worker = await startWorker({ appDir, env: {} });
        times[index]?.push(worker.loadMs);
        await worker.kill();
      }
    }
    const [ours = [], empty = []] = times;
    return { ours: median(ours), empty: median(empty) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function appIn(folder: string, entry?: string): Promise<string> {
  await mkdir(folder);
  await build(join(folder, "dist"), entry);
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module", main: "dist/main.mjs" }));
  return folder;
}

const emptyApp = `
  import { app } from ${JSON.stringify(join(root, "node_modules/@azure/functions/dist/azure-functions.js"))};
  app.timer("tick", { schedule: "0 0 0 1 1 *", handler: () => undefined });
`;
