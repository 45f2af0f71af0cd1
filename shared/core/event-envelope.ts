/** The two envelopes in which Event Grid delivers, read without regard to the case of keys and to stray spaces. */

export interface Envelope {
  readonly type: string;
  readonly subject: string | undefined;
  /** `topic` (Event Grid schema) or `source` (CloudEvents). */
  readonly source: string | undefined;
  readonly id: string | undefined;
  /** Milliseconds since 1970. */
  readonly time: number | undefined;
  readonly data: unknown;
}

/** The fields of an object by key, trimmed and in lower case. */
export interface Fields {
  get(key: string): unknown;
  /** The trimmed text; undefined if it is absent, empty, no string, or longer than any name, id or URL of Azure. */
  text(key: string): string | undefined;
}

/** The envelope, or undefined if the value has neither form. */
export function readEnvelope(value: unknown): Envelope | undefined {
  const fields = objectFields(value);
  const eventType = fields.text("eventtype");
  if (eventType !== undefined) {
    return {
      type: eventType,
      source: fields.text("topic"),
      time: readTime(fields.get("eventtime")),
      ...common(fields),
    };
  }
  const cloudType = fields.text("type");
  if (cloudType === undefined || fields.text("specversion") !== "1.0") return undefined;
  return { type: cloudType, source: fields.text("source"), time: readTime(fields.get("time")), ...common(fields) };
}

/** Case-insensitive access to an object's own fields; of two keys that differ only in case or spaces the first wins. */
export function objectFields(value: unknown): Fields {
  const fields = new Map<string, unknown>();
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [key, item] of Object.entries(value)) {
      const name = key.trim().toLowerCase();
      if (!fields.has(name)) fields.set(name, item);
    }
  }
  return {
    get: (key) => fields.get(key),
    text: (key) => {
      const item = fields.get(key);
      if (typeof item !== "string") return undefined;
      const text = item.trim();
      return text === "" || text.length > maxText ? undefined : text;
    },
  };
}

/** Longer than an ARM id (subscription, resource group of 90, provider, name) or a versioned Key Vault URL can be. */
const maxText = 1024;

function common(fields: Fields): Pick<Envelope, "subject" | "id" | "data"> {
  return { subject: fields.text("subject"), id: fields.text("id"), data: fields.get("data") };
}

/** The worker may have made a Date of it already; whatever is no valid time is left out. */
function readTime(value: unknown): number | undefined {
  const time =
    value instanceof Date ? value.getTime() : typeof value === "string" ? Date.parse(value.trim()) : Number.NaN;
  return Number.isFinite(time) ? time : undefined;
}
