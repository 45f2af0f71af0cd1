/**
 * Seeds that found something, with a word on what it was; every long test plays them again. A change of shapes or acts
 * gives a seed another world: the finding itself is then held by the test that came with its mend.
 */

export const keptSeeds: readonly { readonly seed: number; readonly found: string }[] = [
  { seed: 129, found: "newObjects: restart before the Secret was right" },
  { seed: 229, found: "a reader that mounts a refused class was left out of its other class's outcome" },
  {
    seed: 240,
    found: "a restart for one class hid the rollout of another one; a revert of an earlier restart counted",
  },
  { seed: 436, found: "a Secret made anew from an old mount fed pods of a restart" },
  { seed: 670, found: "a missing Secret was polled for from the start again at each look" },
  { seed: 961, found: "restarted for one class under a marker that was untrue of another one's unwritten Secret" },
  { seed: 986, found: "a moved pin counted as proven while another class's restart was on its way" },
  { seed: 1054, found: "a marker older than a moved pin counted for it" },
  { seed: 1396, found: "observe mode came back every minute for a write that it may not make" },
  { seed: 2567, found: "one stale answer of the vault overwrote a newer version that no pod showed yet" },
  { seed: 3000, found: "a pod started in a revert that nobody saw" },
];
