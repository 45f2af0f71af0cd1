/** All ways in which `npm run mutate` breaks the engine, in the order of docs/mutations.md. */

import { boundaries } from "./boundaries.ts";
import { markers } from "./markers.ts";
import { messages } from "./messages.ts";
import type { Mutation } from "./mutation.ts";
import { order } from "./order.ts";
import { proof } from "./proof.ts";

export const mutations: readonly Mutation[] = [...order, ...proof, ...markers, ...boundaries, ...messages];
