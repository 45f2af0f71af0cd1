/** History within this process, for an app without a table. Another instance's chains are not seen: that costs work only. */

import { targetKey } from "./core/target.ts";
import type { ChainRecord, History } from "./ports.ts";

export function createMemoryHistory(): History {
  const chains = new Map<string, ChainRecord>();
  return {
    chain: async (target) => chains.get(targetKey(target)),
    keepChain: async (target, record) => {
      chains.set(targetKey(target), record);
    },
    endChain: async (target, chain) => {
      if (chains.get(targetKey(target))?.chain === chain) chains.delete(targetKey(target));
    },
  };
}
