let last = { second: Number.NaN, text: "" };

/** RFC 3339 with whole seconds, as Kubernetes writes times. Many are written in one second. */
export function seconds(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== last.second) last = { second, text: `${new Date(ms).toISOString().slice(0, 19)}Z` };
  return last.text;
}
