/** How people write durations in the map and the settings: a number and a unit, `500ms`, `2s`, `10m`, `1h`. */
export const durationPattern = /^([0-9]{1,7})(ms|s|m|h)$/;

/** In milliseconds; undefined if the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = durationPattern.exec(text) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  const factor = units.get(unit);
  return factor === undefined ? undefined : Number(digits) * factor;
}

const units: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
]);
