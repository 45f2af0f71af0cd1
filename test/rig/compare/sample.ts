/** What one new version came to, from what the cluster told of a namespace. Pure. Times are milliseconds since 1970. */

export interface Round {
  readonly value: string;
  readonly createdAt: number;
  /** Until when it counts: the next version, or the end of the run. */
  readonly endedAt: number;
}

/** A pod from the moment it was there until it was asked to end. */
export interface PodLife {
  readonly uid: string;
  readonly from: number;
  readonly until: number | undefined;
}

export interface EnvStart {
  readonly podUid: string;
  readonly at: number;
  /** The value in its env. */
  readonly value: string;
}

export interface SeenValue {
  readonly value: string;
  readonly at: number;
}

export interface History {
  /** Values of the Secret's key, oldest first, each different from the one before. */
  readonly secret: readonly SeenValue[];
  readonly pods: readonly PodLife[];
  /** Oldest first. */
  readonly starts: readonly EnvStart[];
}

export interface Outcome {
  /** From the version to the Secret that holds it; undefined: never. */
  readonly secretMs: number | undefined;
  /** How often the Secret lost it again. */
  readonly reverts: number;
  /** From the version until every live pod had started with it and all replicas were there, for good; undefined: never. */
  readonly podsMs: number | undefined;
  /** Containers that started after the version, and those of them whose env did not hold it. */
  readonly starts: number;
  readonly wrongStarts: number;
}

export function outcomeOf(history: History, round: Round, replicas: number): Outcome {
  const within = ({ at }: { readonly at: number }) => at >= round.createdAt && at < round.endedAt;
  const values = history.secret.filter(within);
  const right = values.find(({ value }) => value === round.value);
  const starts = history.starts.filter(within);
  return {
    secretMs: right === undefined ? undefined : right.at - round.createdAt,
    reverts: values.filter(({ at, value }) => right !== undefined && at > right.at && value !== round.value).length,
    podsMs: podsRightMs(history, round, replicas),
    starts: starts.length,
    wrongStarts: starts.filter(({ value }) => value !== round.value).length,
  };
}

/** Nothing changes between these moments, so the answer is the one after the last that was wrong. */
function podsRightMs(history: History, round: Round, replicas: number): number | undefined {
  const changes = [
    ...history.pods.flatMap(({ from, until }) => (until === undefined ? [from] : [from, until])),
    ...history.starts.map(({ at }) => at),
  ].filter((at) => at > round.createdAt && at < round.endedAt);
  const moments = [round.createdAt, ...changes.toSorted((one, other) => one - other)];
  const lastWrong = moments.findLastIndex((at) => !podsRight(history, at, round.value, replicas));
  const right = moments[lastWrong + 1];
  return right === undefined ? undefined : right - round.createdAt;
}

/** At this moment all replicas live, and each live pod's last start had the value. */
export function podsRight({ pods, starts }: History, at: number, value: string, replicas: number): boolean {
  const live = pods.filter(({ from, until }) => from <= at && (until === undefined || until > at));
  return (
    live.length >= replicas &&
    live.every(({ uid }) => starts.findLast((start) => start.podUid === uid && start.at <= at)?.value === value)
  );
}
