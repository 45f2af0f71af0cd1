/**
 * Bytes that the driver wrote after the vault's answer was created, and that no mount which is there now explains. Whoever
 * mounted them is gone (its workload was rolled out, its node was lost). They may be older ones, put back by an old mount;
 * or newer ones, and the vault's answer comes from a replica that lags.
 */

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
  if (wanted.pinned || wanted.createdOn === 0 || showsAnother(object, owner, look)) return false;
  // What is made of a certificate, of a key, or of encoded text is not compared with a version's value.
  const isPlain = wanted.object.type === "secret" && (wanted.current.keyId ?? "") === "" && entry.encoding === "utf-8";
  return isPlain && owner.secrets.some((secret) => unexplainedIn(secret, object, owner, look));
}

/** A mount of the class that is there shows another version: it may well have written that. */
function showsAnother({ ids, wanted }: WantedObject, owner: ActiveClass, look: Look): boolean {
  return owner.mounters.some((pod) => {
    const shown = look.found.statusOf(pod, owner.item.name)?.versions.get(ids[0]);
    return shown !== undefined && shown !== wanted.current.version;
  });
}

function unexplainedIn(secret: ActiveSecret, object: WantedObject, owner: ActiveClass, look: Look): boolean {
  const { state, entry, sources } = secret;
  if (state.kind !== "wrong" || entry.type === "kubernetes.io/tls") return false;
  const { data, writers } = state.secret;
  // A class that was changed since may feed the key with another object now.
  const since = Math.max(object.wanted.createdOn + clocksDifferMs, owner.item.changedAt);
  return state.differing.some((key) => {
    const value = data.get(key);
    const driver = writers.find((writer) => writer.manager === driverManager && writer.keys.has(key));
    if (value === undefined || driver === undefined || driver.at <= since) return false;
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
