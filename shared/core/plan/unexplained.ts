/**
 * Bytes that the driver wrote after the vault's answer was created, and that no mount which is there now explains. Whoever
 * mounted them is gone (its workload was rolled out, its node was lost). They may be older ones, put back by an old mount;
 * or newer ones, and the vault's answer comes from a replica that lags. The same of bytes that we wrote within the seconds
 * by which clocks may differ: those of the version before, or of one that followed at once (`isOvertaken` has the rest).
 */

import { ourWriteAt } from "../freshness.ts";
import { driverManager } from "../marker.ts";
import type { SecretValue } from "../secret-value.ts";
import type { ObjectVersion } from "../vault-object.ts";
import { clocksDifferMs } from "./clocks.ts";
import type { ActiveClass, ActiveSecret, Look, WantedObject } from "./look.ts";
import { versionKey } from "./plan-types.ts";

/** How many versions before the wanted one are compared. */
const mostBefore = 5;

/** Asks the vault for the versions before the answer's, one at a time, until one of them has these bytes. */
export function isUnexplained(object: WantedObject, owner: ActiveClass, look: Look): boolean {
  const { wanted, entry } = object;
  if (wanted.pinned || wanted.createdOn === 0) return false;
  // What is made of a certificate, of a key, or of encoded text is not compared with a version's value.
  const isPlain = wanted.object.type === "secret" && (wanted.current.keyId ?? "") === "" && entry.encoding === "utf-8";
  if (!isPlain) return false;
  const explained = showsAnother(object, owner, look);
  return owner.secrets.some((secret) => unexplainedIn(secret, object, owner, explained, look));
}

/** A mount of the class that is there shows another version: it may well have written that. */
function showsAnother({ ids, wanted }: WantedObject, owner: ActiveClass, look: Look): boolean {
  return owner.mounters.some((pod) => {
    const shown = look.found.statusOf(pod, owner.item.name)?.versions.get(ids[0]);
    return shown !== undefined && shown !== wanted.current.version;
  });
}

function unexplainedIn(
  secret: ActiveSecret,
  object: WantedObject,
  owner: ActiveClass,
  explained: boolean,
  look: Look,
): boolean {
  const { state, entry, sources } = secret;
  if (state.kind !== "wrong" || entry.type === "kubernetes.io/tls") return false;
  const { data, writers } = state.secret;
  const { createdOn } = object.wanted;
  return state.differing.some((key) => {
    const value = data.get(key);
    const driverAt = writers.find(({ manager, keys }) => manager === driverManager && keys.has(key))?.at ?? 0;
    const oursAt = ourWriteAt({ secret: state.secret, key }) ?? 0;
    const inDoubt =
      (driverAt > createdOn + clocksDifferMs && !explained) || Math.abs(oursAt - createdOn) <= clocksDifferMs;
    // A class that was changed since may feed the key with another object now.
    if (value === undefined || !inDoubt || Math.max(driverAt, oursAt) <= owner.item.changedAt) return false;
    return sources.get(key)?.key === object.wanted.key && !isOlder(value, object, look);
  });
}

/** Is it the value of one of the versions before? While that is not known yet, it is asked for, and nothing is said. */
function isOlder(value: SecretValue, { wanted }: WantedObject, look: Look): boolean {
  let last: ObjectVersion | undefined = wanted.current;
  for (let step = 0; last !== undefined && step < mostBefore; step += 1) {
    const key = versionKey(wanted.key, last.version);
    if (!look.input.vault.before.has(key)) {
      look.needs.push({ kind: "before", object: wanted.object, version: last.version });
      return true;
    }
    last = look.input.vault.before.get(key);
    if (last?.value.equals(value) === true) return true;
  }
  return false;
}
