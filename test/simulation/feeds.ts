/** Which objects the classes of a world have fed the keys of Secrets with, and until when. */

import type { LocalCluster } from "../../local/cluster/cluster.ts";
import type { JsonObject } from "../../local/cluster/json.ts";
import { keyOf, nameOf, namespaceOf } from "../../local/cluster/objects.ts";
import { providerClassOf } from "../../local/cluster/provider-classes.ts";
import type { ClassContent, ClassObject } from "../../shared/core/provider-class.ts";
import type { Clock } from "../../shared/ports.ts";

interface Standing {
  readonly namespace: string;
  readonly name: string;
  readonly content: ClassContent;
  /** When the class was changed to something else, or deleted. */
  until: number;
}

export class Feeds {
  readonly #clock: Clock;
  readonly #ever: Standing[] = [];
  readonly #now = new Map<string, Standing>();

  constructor(clock: Clock, clusters: Iterable<LocalCluster>) {
    this.#clock = clock;
    for (const { store, name } of clusters) {
      store.watch("SecretProviderClass", undefined, ({ type, object }) =>
        this.#changed(`${name}/${keyOf(object)}`, type === "DELETED", object),
      );
    }
  }

  /** What fed the key, or would have, at any time since then. */
  of(namespace: string, secret: string, key: string, since: number): readonly ClassObject[] {
    const standing = this.#ever.filter((one) => one.namespace === namespace && one.until >= since);
    return standing.flatMap(({ content }) => {
      if (!content.ok) return [];
      const entries = content.secretObjects.filter(({ secretName }) => secretName === secret);
      const paths = entries.flatMap(({ data }) => data.filter((item) => item.key === key));
      return content.objects.filter(({ path }) => paths.some(({ objectName }) => objectName === path));
    });
  }

  /** The classes that have ever named the Secret. */
  classesOf(namespace: string, secret: string): readonly string[] {
    const names = ({ content }: Standing) => content.secretObjects.some(({ secretName }) => secretName === secret);
    return this.#ever.filter((one) => one.namespace === namespace && names(one)).map(({ name }) => name);
  }

  /** What the class has ever mounted. */
  objectsOf(namespace: string, className: string): readonly string[] {
    const standing = this.#ever.filter((one) => one.namespace === namespace && one.name === className);
    return standing.flatMap(({ content }) => (content.ok ? content.objects.map(({ object }) => object.name) : []));
  }

  #changed(key: string, gone: boolean, object: JsonObject): void {
    const before = this.#now.get(key);
    const { content } = providerClassOf(object);
    if (before !== undefined) before.until = this.#clock.now();
    this.#now.delete(key);
    if (gone) return;
    const standing = { namespace: namespaceOf(object), name: nameOf(object), content, until: Number.POSITIVE_INFINITY };
    this.#now.set(key, standing);
    this.#ever.push(standing);
  }
}
