/** Finds secret values in text, in every form in which a careless program prints them. */

export interface Secret {
  /** How a finding names it; never the value. */
  readonly name: string;
  readonly value: string | Uint8Array;
}

/**
 * Names each secret that `text` shows, whole or by half, with the form: `token as hex (second half)`. Found are text,
 * JSON text, URL encoding, base64 and base64url (also within a longer encoded text), hex, and printed buffers.
 */
export function leaksIn(text: string, secrets: readonly Secret[]): readonly string[] {
  const looks = { exact: text, "any case": text.toLowerCase(), compact: text.replaceAll(/\s+/g, "") };
  return secrets.flatMap(({ name, value }) =>
    formsOf(value)
      .filter(({ look, shown }) => looks[look].includes(shown))
      .map(({ form }) => `${name} as ${form}`),
  );
}

interface Form {
  readonly form: string;
  readonly shown: string;
  /** `any case`: in lower case; `compact`: without white space. */
  readonly look: "exact" | "any case" | "compact";
}

function formsOf(value: string | Uint8Array): readonly Form[] {
  const bytes = Buffer.from(value);
  const middle = Math.floor(bytes.length / 2);
  return [
    ...partForms(bytes, ""),
    ...partForms(bytes.subarray(0, middle), " (first half)"),
    ...partForms(bytes.subarray(middle), " (second half)"),
  ];
}

function partForms(bytes: Buffer, part: string): readonly Form[] {
  const exact = (form: string, shown: string): Form => ({ form: form + part, shown, look: "exact" });
  const anyCase = (form: string, shown: string): Form => ({
    form: form + part,
    shown: shown.toLowerCase(),
    look: "any case",
  });
  const text = bytes.toString("utf8");
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  const readable = Buffer.from(text, "utf8").equals(bytes);
  return [
    ...(readable
      ? [
          exact("text", text),
          exact("JSON", JSON.stringify(text).slice(1, -1)),
          anyCase("URL encoding", encodeURIComponent(text)),
          anyCase("form encoding", encodeURIComponent(text).replaceAll("%20", "+")),
        ]
      : []),
    ...[0, 1, 2].flatMap((offset) => {
      const shown = base64Within(bytes, offset);
      return [exact("base64", shown), exact("base64url", shown.replaceAll("+", "-").replaceAll("/", "_"))];
    }),
    anyCase("hex", hex.join("")),
    anyCase("a printed buffer", hex.join(" ")),
    { form: `a list of bytes${part}`, shown: [...bytes].join(","), look: "compact" },
  ];
}

/** What base64 of a longer text shows of these bytes for sure, when they start at this place of a group of three. */
function base64Within(bytes: Buffer, offset: number): string {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString("base64")
    .replace(/=+$/, "");
  const from = Math.ceil((offset * 8) / 6);
  const to = Math.floor(((offset + bytes.length) * 8) / 6);
  return padded.slice(from, to);
}
