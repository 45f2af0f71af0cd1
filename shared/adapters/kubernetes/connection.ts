/**
 * One cluster's connections: one undici dispatcher for all its requests. Left to itself the client opens a TLS
 * connection for each request (measured, client-node 2.0.1), so the dispatcher is set on every request here.
 */

import { createConfiguration, ServerConfiguration } from "@kubernetes/client-node";
import type { Configuration, ConfigurationOptions } from "@kubernetes/client-node";
import { Agent } from "undici";
import type { Dispatcher } from "undici";
import { caPem, checkedServer } from "./address.ts";
import type { KubernetesAddress } from "./address.ts";

export interface Connection {
  readonly server: string;
  readonly dispatcher: Dispatcher;
  /** For the constructors of the generated APIs. Each call adds {@link signedOptions}. */
  readonly configuration: Configuration;
  close(): Promise<void>;
}

/** Throws at once, with a sentence for a person, if the address breaks the rules. Connects when it is first used. */
export function connect(address: KubernetesAddress): Connection {
  const server = checkedServer(address.server);
  const { caData, clientCertificate } = address;
  const dispatcher = new Agent({
    // With HTTP/2, which API servers speak, one connection carries a hundred calls; this bounds HTTP/1.1.
    connections: 16,
    // Shorter than the idle times of load balancers, which drop a connection without a word.
    keepAliveTimeout: 60_000,
    // Shorter than a try: when one of these fires, undici asks an HTTP/2 connection whether it is still alive and
    // replaces it if not. An aborted call alone would leave a dead connection in use.
    headersTimeout: 6_000,
    bodyTimeout: 6_000,
    connect: {
      timeout: 5_000,
      ...(caData === undefined ? {} : { ca: caPem(caData) }),
      ...(clientCertificate === undefined ? {} : { cert: clientCertificate.certificate, key: clientCertificate.key }),
    },
  });
  return {
    server,
    dispatcher,
    configuration: createConfiguration({ baseServer: new ServerConfiguration(server, {}) }),
    // `destroy` and not `close`: nobody waits for what is still running.
    close: () => dispatcher.destroy(),
  };
}

/** What one try of one request carries. */
export interface Wire {
  readonly headers: Readonly<Record<string, string>>;
  /** Ends the try, its answer's body included. */
  readonly signal: AbortSignal;
  readonly dispatcher: Dispatcher;
}

export function signedOptions(wire: Wire): ConfigurationOptions {
  return {
    authMethods: {
      default: {
        getName: () => "rotation-bridge",
        applySecurityAuthentication: (context) => {
          for (const [name, value] of Object.entries(wire.headers)) context.setHeaderParam(name, value);
          context.setDispatcher(wire.dispatcher);
          context.setSignal(wire.signal);
        },
      },
    },
  };
}
