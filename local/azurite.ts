/** Azurite as a child process: Azure's own storage emulator with queues and tables on free ports of 127.0.0.1. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Azurite {
  readonly connectionString: string;
  readonly queueUrl: string;
  readonly tableUrl: string;
  /** Ends the process and removes its folder. May be called twice. */
  stop(): Promise<void>;
}

/** Starts Azurite with everything in memory and waits until its queue and table services listen (about a second). */
export async function startAzurite(timeoutMs: number = 120_000): Promise<Azurite> {
  const folder = await mkdtemp(join(tmpdir(), "azurite-"));
  const script = createRequire(import.meta.url).resolve("azurite/dist/src/azurite.js");
  const wrapper = fileURLToPath(new URL("azurite-process.ts", import.meta.url));
  const freePorts = ["--blobPort", "0", "--queuePort", "0", "--tablePort", "0"];
  const child = spawn(
    process.execPath,
    // Newer SDKs speak newer API versions than Azurite knows; it serves them all the same.
    [wrapper, script, "--silent", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", ...freePorts],
    { cwd: folder, stdio: ["pipe", "pipe", "pipe"], env: { PATH: process.env["PATH"] } },
  );
  const exited = once(child, "exit");
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);

  async function stop(): Promise<void> {
    process.off("exit", killWithUs);
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      const force = setTimeout(killWithUs, 5_000);
      await exited;
      clearTimeout(force);
    }
    await rm(folder, { recursive: true, force: true });
  }

  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const urls = await Promise.race([
      serviceUrls(child.stdout, signal),
      exited.then(() => Promise.reject(new Error("Azurite ended before it listened."))),
    ]);
    child.stdout.resume();
    child.stderr.resume();
    return { ...urls, connectionString: connectionString(urls), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface ServiceUrls {
  readonly queueUrl: string;
  readonly tableUrl: string;
}

async function serviceUrls(output: NodeJS.ReadableStream, signal: AbortSignal): Promise<ServiceUrls> {
  const found = new Map<string, string>();
  for await (const line of createInterface({ input: output, signal })) {
    const match = /Azurite (\w+) service is successfully listening at (http:\S+)/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) found.set(match[1], `${match[2]}/${account}`);
    const queueUrl = found.get("Queue");
    const tableUrl = found.get("Table");
    if (queueUrl !== undefined && tableUrl !== undefined) return { queueUrl, tableUrl };
  }
  throw new Error("Azurite did not listen in time.");
}

/** The account name and key that every Azurite has, published in its documentation. */
const account = "devstoreaccount1";
const accountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

function connectionString(urls: ServiceUrls): string {
  return [
    "DefaultEndpointsProtocol=http",
    `AccountName=${account}`,
    `AccountKey=${accountKey}`,
    `QueueEndpoint=${urls.queueUrl}`,
    `TableEndpoint=${urls.tableUrl}`,
  ].join(";");
}
