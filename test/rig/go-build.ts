/**
 * The rig's Go programs, built once and kept by what they are made of: sources, Go version and flags. Nothing is
 * vendored; the modules come from the module proxy, checked against each go.sum.
 */

import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { MissingNeed } from "./missing-need.ts";

export const driverVersions = ["1.5.6", "1.6.1"] as const;
export type DriverVersion = (typeof driverVersions)[number];
export type Progress = (line: string) => void;

export interface BuildOptions {
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
  /** Go works in here rather than beside it, so that whoever removes it removes what a killed Go leaves. */
  readonly folder?: string;
}

/** Paths of the programs, and the folder of the driver's own manifests (CRDs, RBAC, CSIDriver, DaemonSet). */
export interface Built {
  readonly controlPlane: string;
  readonly kubelet: string;
  readonly provider: string;
  readonly driver: string;
  readonly driverManifests: string;
}

/**
 * Builds what is not there yet for that driver. The first build takes about 8 minutes on two cores, later ones
 * nothing; with warm Go caches a fresh clone needs seconds. Throws with the compiler's words, or what the signal says.
 */
export async function build(driver: DriverVersion, options: BuildOptions): Promise<Built> {
  const goVersion = await goVersionOf();
  const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "rotation-bridge-rig");
  await mkdir(cache, { recursive: true });
  const make = (name: string, target: string, ldflags: string, beside: readonly string[] = []) =>
    program({ cache, goVersion, name, target, ldflags, beside, ...options });
  const driverPackage = "sigs.k8s.io/secrets-store-csi-driver";
  const controlPlane = await make("control-plane", ".", kubernetesFlags);
  const kubelet = await make("kubelet", ".", kubernetesFlags);
  const provider = await make("provider", ".", "-s -w", ["mlog"]);
  const driverName = `driver-${driver}`;
  const driverProgram = await make(
    driverName,
    `${driverPackage}/cmd/secrets-store-csi-driver`,
    `-s -w -X ${driverPackage}/pkg/version.BuildVersion=v${driver}`,
    ["mlog"],
  );
  const driverManifests = await manifests(driverName, driverPackage, `${driverProgram}.manifests`);
  await removeUnused(cache);
  return { controlPlane, kubelet, provider, driver: driverProgram, driverManifests };
}

/** The version that the parts of Kubernetes tell; a build from the module would call itself v0.0.0-master. */
const versionPackage = "k8s.io/component-base/version";
const kubernetesFlags = [
  "-s -w",
  `-X ${versionPackage}.gitVersion=v1.36.3`,
  `-X ${versionPackage}.gitMajor=1`,
  `-X ${versionPackage}.gitMinor=36`,
].join(" ");

interface Program extends BuildOptions {
  readonly cache: string;
  readonly goVersion: string;
  /** Folder of the module, and name of the program. */
  readonly name: string;
  readonly target: string;
  readonly ldflags: string;
  /** Folders that its go.mod replaces modules with. */
  readonly beside: readonly string[];
}

/** Rigs that start side by side wait for one build. */
const underWay = new Map<string, Promise<string>>();

async function program(wanted: Program): Promise<string> {
  const kept = join(wanted.cache, `${wanted.name}-${await contentHash(wanted)}`);
  const building = underWay.get(kept) ?? keepProgram(wanted, kept).finally(() => underWay.delete(kept));
  underWay.set(kept, building);
  return building;
}

async function keepProgram(
  { name, target, ldflags, progress, signal, folder }: Program,
  kept: string,
): Promise<string> {
  const now = new Date();
  if (
    await utimes(kept, now, now).then(
      () => true,
      () => false,
    )
  )
    return kept;
  signal?.throwIfAborted();
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  let packages = 0;
  progress(`${name}: building`);
  const report = setInterval(() => progress(`${name}: ${packages} packages compiled after ${seconds()} s`), 15_000);
  const fresh = `${kept}.${process.pid}`;
  try {
    const errors: string[] = [];
    // When we are killed, too, Go is told to end.
    const interruptible = ["--pdeathsig", "INT", "go", "build", "-v", `-ldflags=${ldflags}`, "-o", fresh, target];
    const go = spawn("setpriv", interruptible, {
      cwd: folderOf(name),
      env: { ...buildEnvironment(), ...(folder === undefined ? {} : { GOTMPDIR: folder }) },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const killWithUs = () => go.kill("SIGINT");
    signal?.addEventListener("abort", killWithUs);
    process.once("exit", killWithUs);
    const ended = new Promise<number | null>((resolve, reject) => {
      go.once("error", reject);
      go.once("close", () => {
        process.off("exit", killWithUs);
        signal?.removeEventListener("abort", killWithUs);
      });
      go.once("close", resolve);
    });
    for await (const line of createInterface({ input: go.stderr })) {
      if (/^[\w.-]+(\/[\w.@~-]+)*$/.test(line)) packages += 1;
      else if (!line.startsWith("go: downloading")) errors.push(line);
    }
    const code = await ended;
    signal?.throwIfAborted();
    if (code !== 0) throw new Error(`${name} does not build:\n${errors.slice(0, 20).join("\n")}`);
    await rename(fresh, kept);
  } finally {
    clearInterval(report);
    await rm(fresh, { force: true });
  }
  progress(`${name}: built in ${seconds()} s`);
  return kept;
}

/** Manifests as the driver's module holds them, kept beside the program, so that a start needs no Go. */
async function manifests(name: string, module: string, kept: string): Promise<string> {
  if (
    await stat(kept).then(
      () => true,
      () => false,
    )
  )
    return kept;
  const { stdout } = await run("go", ["list", "-m", "-f", "{{.Dir}}", module], {
    cwd: folderOf(name),
    env: buildEnvironment(),
  });
  const source = join(stdout.trim(), "deploy");
  const fresh = `${kept}.${process.pid}`;
  await mkdir(fresh, { recursive: true });
  for (const file of await readdir(source)) {
    if (file.endsWith(".yaml") && !file.includes("windows")) await copyFile(join(source, file), join(fresh, file));
  }
  await rename(fresh, kept).catch(() => rm(fresh, { recursive: true }));
  return kept;
}

async function contentHash({ goVersion, name, target, ldflags, beside }: Program): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([goVersion, process.arch, target, ldflags]));
  for (const folder of [name, ...beside]) {
    for (const file of (await readdir(folderOf(folder))).sort()) {
      if (!/\.go$|^go\.(mod|sum)$/.test(file)) continue;
      hash.update(JSON.stringify([folder, file])).update(await readFile(join(folderOf(folder), file)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

/** What has not been used for two weeks goes. */
async function removeUnused(cache: string): Promise<void> {
  const fortnight = 14 * 24 * 3600 * 1000;
  const files = await readdir(cache);
  for (const file of files.filter((name) => !name.endsWith(".manifests"))) {
    const path = join(cache, file);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || Date.now() - found.mtimeMs < fortnight) continue;
    await rm(path, { force: true, recursive: true });
    await rm(`${path}.manifests`, { force: true, recursive: true });
  }
}

async function goVersionOf(): Promise<string> {
  try {
    return (await run("go", ["env", "GOVERSION"], { cwd: import.meta.dirname })).stdout.trim();
  } catch {
    throw new MissingNeed("The rig is built with Go (1.26 or newer), and `go` could not be run.");
  }
}

function buildEnvironment(): NodeJS.ProcessEnv {
  const flags = `${process.env["GOFLAGS"] ?? ""} -buildvcs=false`.trim();
  return { ...process.env, CGO_ENABLED: "0", GOFLAGS: flags, GOWORK: "off" };
}

function folderOf(module: string): string {
  return join(import.meta.dirname, module);
}

const run = promisify(execFile);
