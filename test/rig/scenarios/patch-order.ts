/** Brings the patches of two instances of the bridge into an order that chance would seldom give. */

import type { FrontRequest } from "../../../local/cluster/http-front.ts";

/** What a front waits for before a request goes on, or before its answer goes back. */
export type Step = (request: FrontRequest) => Promise<void>;

export interface LatePatch {
  /** Of the instance whose patch is late: before the server, and after it. */
  readonly hold: Step;
  readonly note: Step;
  /** Of the other instance. */
  readonly comeSecond: Step;
  readonly isHeld: () => boolean;
  readonly arrive: () => void;
  readonly hasArrived: () => boolean;
}

/** All of them, one after the other; none keeps a request from its way for good. */
export function allOf(steps: readonly Step[]): (request: FrontRequest) => Promise<undefined> {
  return async (request) => {
    for (const step of steps) await step(request);
    return undefined;
  };
}

/** Patches of a kind wait until each side that joined has come with one; from then on they go through. */
export function meetAtPatch(kind: string): { readonly join: () => Step; readonly met: () => boolean } {
  const missing = new Set<Step>();
  let met = false;
  const opened = Promise.withResolvers<void>();
  return {
    met: () => met,
    join: () => {
      const step: Step = async (request) => {
        if (met || !isPatchOf(request, kind)) return;
        missing.delete(step);
        if (missing.size === 0) {
          met = true;
          opened.resolve();
        }
        await opened.promise;
      };
      missing.add(step);
      return step;
    },
  };
}

/**
 * The first patch of a kind is on its way until `arrive`; whoever sent it has given up on it by then. Patches of the
 * kind that `comeSecond` sees go through once that one is held. `note` sees what the server has answered.
 */
export function holdFirstPatch(kind: string, space: string): LatePatch {
  const held = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  let late: FrontRequest | undefined;
  let arrived = false;
  const concerns = (request: FrontRequest) => request.route.namespace === space && isPatchOf(request, kind);
  const hold: Step = async (request) => {
    if (late !== undefined || !concerns(request)) return;
    late = request;
    held.resolve();
    await opened.promise;
  };
  const comeSecond: Step = async (request) => {
    if (concerns(request)) await held.promise;
  };
  const note: Step = async (request) => {
    arrived ||= request === late;
  };
  return {
    hold,
    comeSecond,
    note,
    isHeld: () => late !== undefined,
    arrive: () => opened.resolve(),
    hasArrived: () => arrived,
  };
}

function isPatchOf({ verb, route }: FrontRequest, kind: string): boolean {
  return verb === "patch" && route.kind.kind === kind;
}
