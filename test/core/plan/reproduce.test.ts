import assert from "node:assert/strict";
import { test } from "node:test";
import { versionKey } from "../../../shared/core/plan/plan-types.ts";
import type { Need, VaultView } from "../../../shared/core/plan/plan-types.ts";
import { reproduce } from "../../../shared/core/plan/reproduce.ts";
import type { Known, Present } from "../../../shared/core/plan/reproduce.ts";
import type { ClassObject } from "../../../shared/core/provider-class.ts";
import { defaultSettings } from "../../../shared/core/rendering/provider-settings.ts";
import { SecretValue } from "../../../shared/core/secret-value.ts";
import { objectKey } from "../../../shared/core/vault-object.ts";
import type { ObjectVersion, VersionEntry } from "../../../shared/core/vault-object.ts";
import { hour, noon, ours, podStatus, pod, syncedSecret, writer } from "./builders.ts";

/** A certificate whose bytes are its number: rendered as a PEM block. `v20` is wanted. */
const object = { vault: "contoso", type: "cert", name: "site" } as const;
const site: ClassObject = {
  object,
  id: "cert/site",
  path: "site",
  pin: undefined,
  encoding: "utf-8",
  format: "",
  history: 0,
  mode: 420,
};
const entry = { secretName: "app", type: "Opaque", data: [{ objectName: "site", key: "pem" }], error: undefined };

function held(number: number): ObjectVersion {
  return {
    version: `v${number}`,
    createdOn: noon + number * hour,
    value: SecretValue.fromBytes(Uint8Array.of(number)),
    contentType: undefined,
    keyId: undefined,
    notBefore: undefined,
    expiresOn: undefined,
  };
}

function pemOf(number: number): string {
  const base64 = Buffer.from([number]).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}

const wanted = {
  key: objectKey(object),
  object,
  pinned: false,
  current: held(20),
  createdOn: noon + 20 * hour,
  history: false,
};

function present(text: string, changes: Partial<Present> = {}): Present {
  return {
    secret: syncedSecret("app", { pem: text }),
    entry,
    differing: ["pem"],
    sources: new Map([["pem", site]]),
    wanted: new Map([["pem", wanted]]),
    ...changes,
  };
}

const key = (number: number) => versionKey(objectKey(object), `v${number}`);
const entryOf = (number: number, enabled: boolean = true): VersionEntry => ({
  version: `v${number}`,
  createdOn: noon + number * hour,
  enabled,
});
const all = Array.from({ length: 21 }, (_, number) => number);
const listed = { ok: true, versions: all.map((number) => entryOf(number)) } as const;

function known(vault: Partial<VaultView> = {}, shown: readonly number[] = []): Known {
  const view = { answers: new Map(), lists: new Map(), versions: new Map(), before: new Map(), earlier: new Map() };
  return {
    content: { ok: true, vault: "contoso", objects: [site], secretObjects: [entry] },
    statuses: shown.map((number) => ({
      ...podStatus(pod(`app-${number}`, noon), "kv", []),
      versions: new Map([["cert/site", `v${number}`]]),
    })),
    vault: { ...view, ...vault },
    settings: defaultSettings,
  };
}

const given = (...numbers: readonly number[]) =>
  new Map(numbers.map((number) => [key(number), { known: true, createdOn: undefined, held: held(number) }] as const));
const earlier = new Map([[objectKey(object), listed]]);
const needed = (needs: readonly Need[]) => needs.map((need) => ("version" in need ? need.version : need.kind));

test("what pods show is tried first, then the list of versions, then the ten before the wanted one", () => {
  const first = reproduce(present(pemOf(12)), known({}, [7, 9, 7]));
  assert.deepEqual(first.kind === "needs" ? needed(first.needs) : first, ["v7", "v9"]);
  const second = reproduce(present(pemOf(12)), known({ versions: given(7, 9) }, [7, 9]));
  assert.deepEqual(second.kind === "needs" ? needed(second.needs) : second, ["earlier"]);
  const third = reproduce(present(pemOf(12)), known({ versions: given(7, 9), earlier }, [7, 9]));
  const ten = ["v19", "v18", "v17", "v16", "v15", "v14", "v13", "v12", "v11", "v10"];
  assert.deepEqual(third.kind === "needs" ? needed(third.needs) : third, ten);
  const last = reproduce(present(pemOf(12)), known({ versions: given(7, 9, ...all.slice(10, 20)), earlier }, [7, 9]));
  assert.deepEqual(last, { kind: "reproduced" });
});

const reproduced = { kind: "reproduced" };
const strange = { kind: "strange", keys: ["pem"] };
const unsure = { kind: "unsure", objects: [objectKey(object)] };
const passing = (problem: "throttled" | "unavailable" | "forbidden" | "not-found") =>
  new Map([[key(7), { known: false, problem }]] as const);
const plain = { ...site, object: { ...object, type: "secret" } } as const;
const textWanted = { ...wanted, object: plain.object };

const table: readonly { readonly name: string; readonly is: Present; readonly knows: Known; readonly says: object }[] =
  [
    {
      name: "bytes of a version that a pod shows",
      is: present(pemOf(7)),
      knows: known({ versions: given(7) }, [7]),
      says: reproduced,
    },
    {
      name: "bytes of the eleventh version before",
      is: present(pemOf(9)),
      knows: known({ versions: given(...all), earlier }),
      says: strange,
    },
    {
      name: "bytes of no version",
      is: present("-----BEGIN"),
      knows: known({ versions: given(...all), earlier }),
      says: strange,
    },
    {
      name: "anything after the bridge's own write",
      is: present("x", { secret: syncedSecret("app", { pem: "x" }, { writers: [writer(ours, noon, "other")] }) }),
      knows: known(),
      says: reproduced,
    },
    {
      name: "a key that is not there yet",
      is: present("", { secret: syncedSecret("app", { other: "x" }) }),
      knows: known(),
      says: reproduced,
    },
    { name: "a key that does not change", is: present("x", { differing: [] }), knows: known(), says: reproduced },
    {
      name: "the text of a plain secret",
      is: present("x", { sources: new Map([["pem", plain]]), wanted: new Map([["pem", textWanted]]) }),
      knows: known(),
      says: reproduced,
    },
    {
      name: "a version that is throttled",
      is: present(pemOf(7)),
      knows: known({ versions: passing("throttled") }, [7]),
      says: unsure,
    },
    {
      name: "a version that the vault does not know, and a list that fails",
      is: present(pemOf(7)),
      knows: known(
        {
          versions: passing("not-found"),
          earlier: new Map([[objectKey(object), { ok: false, problem: "unavailable" }]]),
        },
        [7],
      ),
      says: unsure,
    },
    {
      name: "a list that may not be read",
      is: present(pemOf(7)),
      knows: known(
        {
          versions: passing("forbidden"),
          earlier: new Map([[objectKey(object), { ok: false, problem: "forbidden" }]]),
        },
        [7],
      ),
      says: strange,
    },
    {
      name: "bytes of a version that was disabled since",
      is: present(pemOf(19)),
      knows: known({
        versions: given(18),
        earlier: new Map([[objectKey(object), { ok: true, versions: [entryOf(18), entryOf(19, false), entryOf(20)] }]]),
      }),
      says: strange,
    },
  ];

for (const { name, is, knows, says } of table) {
  test(`before the first replacement: ${name}`, () => {
    assert.deepEqual(reproduce(is, knows), says);
  });
}
