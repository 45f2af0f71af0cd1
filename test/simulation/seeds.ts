/** Seeds that found something, with a word on what it was. They are played again by every long test. */

export const keptSeeds: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 43, found: "a stranger writes a Secret until the bridge gives up" },
  { seed: 46, found: "fresh through a class that does not make the Secret" },
  { seed: 129, found: "newObjects: restart before the Secret was right" },
  { seed: 193, found: "observe mode polled for ever for a step that it may not take" },
];
