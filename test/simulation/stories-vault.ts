/** Stories of vaults that answer late, or not at all. */

import { tlsSpace } from "./certificates.ts";
import { objectNames } from "./names.ts";
import { objectOf, type Scene, second, type Told, withMore } from "./scene.ts";

/** The vault answers some questions and not others, or one of its replicas lags for long. */
export function oddVault({ shape, space, random, from, next }: Scene): Told {
  const object = objectOf(space, random);
  const lag = () => {
    next(0, 60, "new-version", { object });
    next(15, 45, "current-lags", { object, forMs: random.int(40, 120) * second });
    next(0, 15, "rotate-by-hand", { object });
  };
  if (random.chance(0.4)) lag();
  // Versions that the bridge has not read before, for it is new or was dead.
  else if (random.chance(0.6)) from(shape.installedAt - random.int(5, 25) * second);
  else next(0, 0, "crash", { calls: random.int(0, 9), side: "before" });
  next(0, 2, "new-version", { object });
  next(0, 2, "new-version", { object });
  next(0, 5, "versions-unreadable", { object, forMs: random.int(10, 90) * second });
  next(2, 30, "rotate-by-hand", { object });
  // Somebody takes the role away for a while.
  if (random.chance(0.3)) {
    next(0, 60, "new-version", { object });
    next(0, 10, "api-fails", {
      fault: "403",
      kind: "Secret",
      verb: "get",
      share: 1,
      forMs: random.int(20, 90) * second,
    });
  }
  if (random.chance(0.6)) lag();
  return { space };
}

/** The Secret is deleted after the bridge's restart, and made anew of mounts for which the vault's replica was late. */
export function madeAnew({ space, random, next }: Scene): Told {
  const object = random.pick(objectNames);
  for (let times = random.int(1, 2); times > 0; times -= 1) {
    next(0, 30, "provider-lags", { object, forMs: random.int(20, 90) * second });
    next(4, 25, "delete-secret", { name: "anew" });
    if (random.chance(0.3)) next(0, 10, "tick", { nth: random.int(0, 9) });
    if (random.chance(0.3)) next(0, 20, "rotate-by-hand", { object });
  }
  const made = { name: "anew", objects: [object], secrets: { anew: { [`k-${object}`]: object } } };
  const reads = { env: { ANEW: ["anew", `k-${object}`] as const }, spec: { progressDeadlineSeconds: 30 } };
  const reader = random.chance(0.3) ? [{ ...reads, name: "late-reader" }] : [];
  return {
    space: withMore(space, made, [{ ...reads, name: "late", mounts: ["anew"], replicas: random.int(1, 2) }, ...reader]),
  };
}

/** A certificate is renewed, and for a while its parts are of two versions; the private key of another one; hands. */
export function partsOfTwo({ shape, space, random, next }: Scene): Told {
  if (shape.certificates) return { space };
  for (let times = random.int(2, 4); times > 0; times -= 1) {
    const part = { type: random.pick(["secret", "cert"]), forMs: random.pick([10_000, 60_000]) };
    next(0, 60, random.pick(["certificate-part-lags", "certificate-part-lags", "certificate-renewed"]), part);
    if (random.chance(0.4)) next(5, 60, random.pick(["tls-by-hand", "certificate-broken"]));
    if (random.chance(0.4)) next(0, 60, "deploy", { kind: "Deployment", name: "ingress" });
  }
  return { shape: { certificates: true }, space: tlsSpace(space, random) };
}
