/**
 * How many requests a vault gets, scaled from what was counted. Pure.
 *
 * driver, rotation on:  pods x objects x rate an hour; off: none
 * each rotation:        pods x objects (each new pod reads each object of its class once, whoever restarts)
 * Rotation Bridge:      looks an hour x objects x (reads an object and look), and its own reads for each rotation;
 *                       neither grows with pods
 */

export interface Steady {
  readonly pods: number;
  readonly objects: number;
  readonly minutes: number;
  readonly requests: number;
}

/** Requests an hour for one pod and one object. */
export function rateOf({ pods, objects, minutes, requests }: Steady): number {
  return requests / pods / objects / (minutes / 60);
}

export interface Look {
  readonly objects: number;
  readonly requests: number;
}

/** Default of ROTATION_RECONCILE_SCHEDULE: every 15 minutes. */
const looksAnHour = 4;

/** Of the timer, in an hour in which nothing changes. */
export function bridgeAnHour({ objects: looked, requests }: Look, objects: number): number {
  return (looksAnHour * objects * requests) / looked;
}

export function driverAnHour(rate: number, pods: number, objects: number): number {
  return rate * pods * objects;
}

export function mountsOfRotation(pods: number, objects: number): number {
  return pods * objects;
}
