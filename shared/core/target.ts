/** One namespace of one cluster: the unit of work, of a queue message and of `converge`. */
export interface Target {
  readonly cluster: string;
  readonly namespace: string;
}

export function targetKey(target: Target): string {
  return `${target.cluster}/${target.namespace}`;
}
