/**
 * Stand-in for `@azure/functions-core`, which the Functions worker injects: it exists in no registry, and without it
 * `@azure/functions` registers nothing. The worker serves it by replacing `Module.prototype.require`; so does this.
 */

import Module from "node:module";

/** What `@azure/functions` gives the worker: how to turn a request into arguments and back. */
export interface ProgrammingModel {
  getInvocationModel(context: CoreInvocation): InvocationModel;
}

export interface CoreInvocation {
  readonly invocationId: string;
  readonly metadata: { readonly name: string; readonly bindings: Readonly<Record<string, Binding>> };
  readonly request: {
    readonly inputData: readonly { readonly name: string; readonly data: unknown }[];
    readonly triggerMetadata: Readonly<Record<string, unknown>>;
  };
  readonly log: (level: string, category: string, message: string) => void;
}

export interface InvocationModel {
  getArguments(): Promise<{ readonly context: unknown; readonly inputs: readonly unknown[] }>;
  invokeFunction(context: unknown, inputs: readonly unknown[], handler: Handler): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<unknown>;
}

export interface Binding {
  readonly type: string;
  readonly direction: string;
  readonly [field: string]: unknown;
}

export type Handler = (...args: readonly unknown[]) => unknown;

export interface Registered {
  readonly metadata: { readonly name: string; readonly bindings: Readonly<Record<string, Binding>> };
  readonly handler: Handler;
}

export interface CoreModule {
  readonly functions: ReadonlyMap<string, Registered>;
  readonly model: () => ProgrammingModel;
  /** Runs the app's hooks of this name, in order of registration, as the worker does after loading. */
  readonly runHooks: (name: string) => Promise<void>;
}

/** Puts the stand-in in place for this process. Call it before `@azure/functions` is loaded. */
export function installCoreModule(log: CoreInvocation["log"]): CoreModule {
  const functions = new Map<string, Registered>();
  const hooks: { readonly name: string; readonly run: Handler }[] = [];
  let model: ProgrammingModel | undefined;

  const core = {
    version: "4.1000.0",
    setProgrammingModel: (given: ProgrammingModel) => {
      model = given;
    },
    getProgrammingModel: () => model,
    registerFunction: (metadata: Registered["metadata"], handler: Handler) => {
      functions.set(metadata.name, { metadata, handler });
      return new Disposable();
    },
    registerHook: (name: string, run: Handler) => {
      hooks.push({ name, run });
      return new Disposable();
    },
    log,
    Disposable,
  };

  const original: (this: NodeJS.Module, id: string) => unknown = Reflect.get(Module.prototype, "require");
  Module.prototype.require = function (this: NodeJS.Module, id: string) {
    return id === "@azure/functions-core" ? core : original.call(this, id);
  };

  return {
    functions,
    model: () => {
      if (model === undefined) throw new Error("The app has set no programming model.");
      return model;
    },
    runHooks: async (name) => {
      for (const hook of hooks) if (hook.name === name) await hook.run({ hookData: {}, appHookData: {} });
    },
  };
}

class Disposable {
  dispose(): void {
    // Nothing is ever unregistered here.
  }
}
