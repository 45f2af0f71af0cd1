/** `rotation-bridge plan` as a person uses it, against stand-ins over HTTP. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { z } from "zod";
import { kubeconfigText, labToken, startLab } from "./lab.ts";
import type { Lab } from "./lab.ts";
import { shop } from "./shop.ts";

let lab: Lab;

before(async () => {
  lab = await startLab(shop);
});
after(() => lab.close());

const secret = ["--secret", "contoso/db-password"] as const;

test("docs/cli.md shows what is printed, by the command as it is installed", async () => {
  const page = await readFile(new URL("../../docs/cli.md", import.meta.url), "utf8");
  const text = await lab.runProcess("plan", ...secret);
  assert.deepEqual([text.code, text.err], [1, ""], "one workload would not be restarted");
  assert.ok(page.includes(`\`\`\`text\n${text.out}\`\`\``), text.out);
  const mermaid = await lab.run("plan", ...secret, "--mermaid");
  assert.ok(page.includes(`\`\`\`mermaid\n${mermaid.out}\`\`\``), mermaid.out);
});

const report = z.object({
  secret: z.string(),
  objects: z.array(z.object({ object: z.string(), version: z.string() })),
  targets: z.array(
    z.object({
      cluster: z.string(),
      namespace: z.string(),
      mode: z.string(),
      workloads: z.array(
        z.object({ kind: z.string(), name: z.string(), action: z.string(), wave: z.number().optional() }),
      ),
    }),
  ),
  unread: z.array(
    z.object({ cluster: z.string(), said: z.object({ reason: z.string(), about: z.array(z.string()) }) }),
  ),
});

async function asJson(...args: readonly string[]) {
  const { code, out } = await lab.run("plan", ...secret, "--json", ...args);
  return { code, ...report.parse(JSON.parse(out)) };
}

test("--json says the same as the table", async () => {
  const { code, objects, targets, unread } = await asJson();
  assert.deepEqual([code, unread], [1, []]);
  assert.deepEqual(
    objects.map(({ object }) => object),
    ["contoso/secret/db-password"],
  );
  assert.deepEqual(
    targets.flatMap(({ workloads }) => workloads.map(({ name, action, wave = 0 }) => `${name} ${action} ${wave}`)),
    ["orders restart 1", "billing restart 2", "legacy stopped 0", "reports refresh 0"],
  );
});

test("a certificate's and a key's name is asked in the same words, and in any case", async () => {
  const { out } = await lab.run("plan", "--secret", "CONTOSO/DB-Password", "--json");
  assert.deepEqual(report.parse(JSON.parse(out)).targets.length, 1);
});

test("it asks the cluster for get and list only, also where the map lets the bridge act", async () => {
  const map = await lab.file("act.yaml", `mode: act\n${await readFile(lab.map, "utf8")}`);
  const { targets } = await asJson("--map", map);
  assert.equal(targets[0]?.mode, "act");
  const verbs = new Set([...lab.requests.keys()].map((request) => request.split(" ")[0]));
  assert.deepEqual(verbs, new Set(["get", "list"]));
  assert.ok(lab.vaultRequests.every((request) => request.startsWith("GET ")));
});

test("an object that nothing follows is told, with exit code 0", async () => {
  const { code, out } = await lab.run("plan", "--secret", "contoso/other");
  assert.equal(code, 0);
  assert.match(out, /Nothing follows it: no class in a mapped namespace mounts it unpinned\./);
});

test("--kubeconfig reaches the cluster as kubectl does", async () => {
  const { code, targets } = await asJson("--kubeconfig", lab.kubeconfig);
  assert.deepEqual([code, targets.length], [1, 1]);
});

const unread: readonly {
  readonly what: string;
  readonly user: Readonly<Record<string, unknown>>;
  readonly server?: string;
  readonly reason: string;
  readonly about: RegExp;
}[] = [
  { what: "a token that is refused", user: { token: "another" }, reason: "no-rbac", about: /401/ },
  {
    what: "a server that does not answer",
    user: { token: labToken },
    server: "http://127.0.0.1:9",
    reason: "cluster-unreachable",
    about: /secretproviderclasses/,
  },
];

for (const { what, user, server, reason, about } of unread) {
  test(`what could not be read is told with exit code 1: ${what}`, async () => {
    const own = z.object({ clusters: z.array(z.object({ cluster: z.object({ server: z.string() }) })) });
    const [first] = own.parse(JSON.parse(await readFile(lab.kubeconfig, "utf8"))).clusters;
    const path = await lab.file("other.yaml", kubeconfigText(server ?? first?.cluster.server ?? "", user));
    const answer = await asJson("--kubeconfig", path);
    assert.deepEqual([answer.code, answer.targets], [1, []]);
    assert.deepEqual(
      answer.unread.map(({ cluster, said }) => [cluster, said.reason]),
      [["aks-prod", reason]],
    );
    assert.match(answer.unread[0]?.said.about.join() ?? "", about);
  });
}

test("who may not read the cluster is told that it is about their own rights, and that nothing is known", async () => {
  const text = (await readFile(lab.kubeconfig, "utf8")).replaceAll(labToken, "another");
  const path = await lab.file("turned-away.yaml", text);
  for (const command of [["plan", ...secret], ["status"]]) {
    const { code, out } = await lab.run(...command, "--kubeconfig", path);
    assert.equal(code, 1);
    assert.match(out, /^Not read\. Cluster aks-prod: your own sign-in may not read it; whether the bridge's may is/m);
    assert.match(out, /^Nothing is known: .* could (?:not )?be read\.$/m);
  }
});

test("who may not read the object is told that it is about their own rights", async () => {
  lab.world.vault.faults.add({ call: "get" }, { kind: "forbidden" });
  const { code, out, err } = await lab.run("plan", ...secret);
  lab.world.vault.faults.clear();
  assert.equal(code, 1);
  assert.match(out, /refused\(object-forbidden\)/);
  assert.match(err, /^Your own sign-in may not read contoso\/secret\/db-password; whether the bridge may is another/);
});

const wrong: readonly { readonly args: readonly string[]; readonly says: RegExp }[] = [
  { args: [], says: /--secret is missing/ },
  { args: ["--secret", "db-password"], says: /--secret is not VAULT\/NAME, as in contoso-prod\/db-password/ },
  { args: ["--secret", "contoso/db-password/0f1e"], says: /not VAULT\/NAME/ },
  { args: ["--secret", "https://contoso.vault.azure.net/secrets/db"], says: /not VAULT\/NAME/ },
  { args: ["--secret", "other/db"], says: /It does not name the vault other\. It has: contoso\./ },
  { args: [...secret, "--json", "--mermaid"], says: /Choose one of --json and --mermaid/ },
  { args: [...secret, "--cluster", "aks-test"], says: /no cluster of that name\. It has: aks-prod\./ },
  { args: [...secret, "--context", "x"], says: /--context needs --kubeconfig/ },
  { args: [...secret, "--map", "nowhere.yaml"], says: /nowhere\.yaml: There is no such file\. .*rotation-bridge init/ },
];

for (const { args, says } of wrong) {
  test(`exit code 2 and what to do instead: plan ${args.join(" ") || "(nothing)"}`, async () => {
    const { code, out, err } = await lab.run("plan", ...args);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(err, says);
  });
}
