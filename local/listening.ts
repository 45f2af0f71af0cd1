/** Servers of the stand-ins: on this machine only, gone at once when closed. */

import type { Server } from "node:http";

export interface Listening {
  /** Origin, as in `http://127.0.0.1:43210`. */
  readonly url: string;
  /** Ends all connections, hanging ones too. */
  close(): Promise<void>;
}

/** Listens on 127.0.0.1; port 0 is any free one. */
export async function listen(server: Server, scheme: "http" | "https", port: number): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return {
    url: `${scheme}://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
