/** What the demo tells, on the stand-ins and on the rig, and how to find it in its output. */

import assert from "node:assert/strict";

const pods = [1, 2, 3];

/** A rotation, from the vault to the proof. */
export const rotationStory: readonly RegExp[] = [
  /vault +color has a new version, [0-9a-f]{8}…: orange/,
  /event grid +event of color is on the queue/,
  /app +takes the message/,
  /bridge +patches Secret keyvault-secrets: key color = orange \(version [0-9a-f]{8}…\)/,
  /bridge +restarts Deployment podinfo-csi/,
  ...pods.map((pod) => new RegExp(`pod +podinfo-csi-\\S+ Ready, started with orange \\(${pod} of 3\\)`)),
  /rollout +complete/,
  /bridge +proven/,
  ...pods.map(() => /^ +podinfo-csi-\S+ {2}([0-9a-f]{8}…) = \1$/m),
];

/** The same change without the bridge: a restart by hand, and the old value in every pod. */
export const restartByHandStory: readonly RegExp[] = [
  /person +restarts Deployment podinfo-csi/,
  ...pods.map((pod) => new RegExp(`started with blue \\(${pod} of 3\\); mounted file: orange`)),
];

/** Each pattern is found after the one before it. */
export function assertInOrder(output: string, patterns: readonly RegExp[]): void {
  let from = 0;
  for (const pattern of patterns) {
    const at = output.slice(from).search(pattern);
    assert.ok(at >= 0, `missing or too early: ${pattern.source}\n${output}`);
    from += at + 1;
  }
}
