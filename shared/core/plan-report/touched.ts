/** What follows an object: the classes that mount it unpinned, the keys that its files feed, and who reads these. */

import type { Dependents } from "../dependents.ts";
import type { SecretRead } from "../observed.ts";
import type { ClassObject, ProviderClass } from "../provider-class.ts";
import { objectKey } from "../vault-object.ts";

export interface Touched {
  readonly item: ProviderClass;
  readonly objects: readonly ClassObject[];
}

/** `wanted`: keys (`objectKey`). */
export function touchedClasses(found: Dependents, wanted: ReadonlySet<string>): readonly Touched[] {
  return [...found.classes.values()].flatMap((item) => {
    if (!item.content.ok) return [];
    const objects = item.content.objects.filter(
      ({ object, pin }) => pin === undefined && wanted.has(objectKey(object)),
    );
    return objects.length === 0 ? [] : [{ item, objects }];
  });
}

/** Keys of a Secret of the class that files of the objects feed. With history an object has a file for each version. */
export function fedKeys({ item, objects }: Touched, secret: string): readonly string[] {
  const isFed = (file: string) =>
    objects.some(
      ({ path, history }) =>
        file === path ||
        file === `${path}.crt` ||
        file === `${path}.key` ||
        (history > 1 && file.startsWith(`${path}/`)),
    );
  const entries = item.content.secretObjects.filter(({ secretName }) => secretName === secret);
  return [
    ...new Set(entries.flatMap(({ data }) => data.filter(({ objectName }) => isFed(objectName)).map(({ key }) => key))),
  ];
}

export interface FedRead extends SecretRead {
  readonly class: string;
}

export function fedReads(reads: readonly SecretRead[], touched: readonly Touched[]): readonly FedRead[] {
  return touched.flatMap((one) =>
    reads.flatMap((read) => {
      const keys = fedKeys(one, read.secret);
      const fed = read.key === undefined ? keys.length > 0 : keys.includes(read.key);
      return fed ? [{ ...read, class: one.item.name }] : [];
    }),
  );
}
