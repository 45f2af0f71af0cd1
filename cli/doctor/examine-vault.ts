/** Looks at one vault: whether it can be read, and the way of its events to the queue. */

import { parseVaultPolicy } from "../../shared/core/doctor/azure-facts.ts";
import { checkVault } from "../../shared/core/doctor/check-vault.ts";
import type { VaultFacts } from "../../shared/core/doctor/check-vault.ts";
import type { CheckGroup } from "../../shared/core/doctor/check.ts";
import { RemoteProblem } from "../../shared/core/remote-problem.ts";
import { apiVersions, findVault, rolesOn } from "./azure-reads.ts";
import type { Place } from "./azure-reads.ts";
import { examineEvents } from "./examine-events.ts";
import type { VaultSubject } from "./vault-subject.ts";

export async function* examineVault(subject: VaultSubject): AsyncGenerator<CheckGroup, void, void> {
  const { name, arm, say } = subject;
  say(`Looking at vault ${name}`);
  const place = arm === undefined ? undefined : await findVault(arm, name);
  yield { title: `Vault ${name}: access`, checks: checkVault(await accessFacts(subject, place)) };
  if (arm === undefined || place === undefined) return;
  say(`Following the events of ${name}`);
  yield { title: `Vault ${name}: events`, checks: await examineEvents(subject, arm, place) };
}

async function accessFacts(subject: VaultSubject, place: Place | undefined): Promise<VaultFacts> {
  const { name, objects, user } = subject;
  const needsCertificates = objects.some(({ type }) => type !== "secret");
  const facts = { vault: name, caller: await callersReads(subject), needsCertificates };
  if (place === undefined) return { ...facts, bridge: undefined, unknown: undefined };
  if (user === undefined) return { ...facts, bridge: undefined, unknown: "give the identity's object id with --as." };
  if (!place.ok) return { ...facts, bridge: undefined, unknown: place.why };
  const { arm } = subject;
  if (arm === undefined) return { ...facts, bridge: undefined, unknown: undefined };
  try {
    const [vault, assignments] = await Promise.all([
      arm.get(place.id, { version: apiVersions.vault }),
      rolesOn(arm, place.id, user),
    ]);
    return {
      ...facts,
      bridge: { user, id: place.id, policy: parseVaultPolicy(vault), assignments },
      unknown: undefined,
    };
  } catch (error) {
    if (error instanceof RemoteProblem) return { ...facts, bridge: undefined, unknown: error.message };
    throw error;
  }
}

/** One object is enough: access is the vault's. That an object is missing is said of its class. */
async function callersReads({ objects, vault }: VaultSubject): Promise<VaultFacts["caller"]> {
  const object = objects.find(({ type }) => type === "secret") ?? objects[0];
  if (object === undefined) return undefined;
  const [get, list] = await Promise.all([vault.current(object), vault.versions(object)]);
  const word = (answer: typeof get | typeof list) =>
    answer.ok || answer.problem === "not-found" || answer.problem === "disabled" ? "ok" : answer.problem;
  return { get: word(get), list: word(list) };
}
