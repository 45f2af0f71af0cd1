/** History within this process, for an app without a table. Another instance's chains are not seen, which costs work; what it saw of reverts dies with it. */

import { targetKey } from "./core/target.ts";
import type { ChainRecord, History } from "./ports.ts";

export function createMemoryHistory(): History {
  const chains = new Map<string, ChainRecord>();
  const reverted = new Map<string, readonly string[]>();
  return {
    chain: async (target) => chains.get(targetKey(target)),
    keepChain: async (target, record) => {
      chains.set(targetKey(target), record);
    },
    endChain: async (target, chain) => {
      if (chains.get(targetKey(target))?.chain === chain) chains.delete(targetKey(target));
    },
    reverted: async (target) => reverted.get(targetKey(target)) ?? [],
    keepReverted: async (target, restarts) => {
      reverted.set(targetKey(target), restarts);
    },
  };
}
