/** `make` with a memory: what is stored never changes, so each object is read once. */
export function once<K extends WeakKey, T>(make: (from: K) => T): (from: K) => T {
  const known = new WeakMap<K, { readonly made: T }>();
  return (from) => {
    const before = known.get(from);
    if (before !== undefined) return before.made;
    const made = make(from);
    known.set(from, { made });
    return made;
  };
}
