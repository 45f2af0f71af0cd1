/** The requests of one rotation made by hand with undici, in the order and side by side as the bridge made them. */

import { QueueClient, QueueSASPermissions } from "@azure/storage-queue";
import { Agent, request } from "undici";
import { field, text } from "../../shared/core/kubernetes/read.ts";
import type { SeenRequest } from "./recorder.ts";
import type { Street } from "./street.ts";

export interface ByHand {
  /** Makes them all once; ends with the answer to the patch. */
  rotate(): Promise<void>;
  close(): Promise<void>;
}

/** `waves`: the bridge's own, from its first request to the patch of the Secret. */
export async function byHand(street: Street, waves: readonly (readonly SeenRequest[])[]): Promise<ByHand> {
  const { ca } = street.site;
  const connect = ca === undefined ? {} : { connect: { ca } };
  const dispatcher = new Agent({ connections: 16, keepAliveTimeout: 60_000, ...connect });
  const [vaultToken, serverToken] = await Promise.all([street.token("https://vault.azure.net"), street.site.token()]);
  const { bridge: theirs, byHand: ours } = street.namespaces;
  const queueUrl = signedQueueUrl(street);
  const message = Buffer.from("x".repeat(300)).toString("base64");

  async function send(seen: SeenRequest, found: Map<string, unknown>): Promise<void> {
    const version = /[^/]+$/.exec(text(field(found.get("vault"), "id")) ?? "")?.[0] ?? "";
    const url = seen.url
      .replace(`/namespaces/${theirs}/`, `/namespaces/${ours}/`)
      .replace(/(?<=\/secrets\/[^/]+\/)[0-9a-f]{32}(?=\/?\?)/, version);
    if (url.includes("/messages")) return sendMessage();
    const inVault = url.startsWith(street.vaultUrl);
    const headers = { authorization: `Bearer ${inVault ? vaultToken : serverToken}` };
    if (seen.method === "PATCH") {
      const body = JSON.stringify({
        metadata: { resourceVersion: field(found.get("Secret"), "metadata", "resourceVersion") },
        data: { password: Buffer.from(text(field(found.get("vault"), "value")) ?? "").toString("base64") },
      });
      const type = { "content-type": "application/merge-patch+json" };
      const answer = await request(url, { method: "PATCH", dispatcher, headers: { ...headers, ...type }, body });
      await read(answer, 200);
      return;
    }
    const answer = await read(await request(url, { dispatcher, headers }), 200);
    if (inVault) found.set("vault", answer);
    else if (field(answer, "kind") === "Secret") found.set("Secret", answer);
  }

  async function sendMessage(): Promise<void> {
    const body = `<?xml version="1.0" encoding="utf-8"?><QueueMessage><MessageText>${message}</MessageText></QueueMessage>`;
    const answer = await request(queueUrl, {
      method: "POST",
      dispatcher,
      headers: { "content-type": "application/xml" },
      body,
    });
    if (answer.statusCode !== 201) throw new Error(`The queue answered ${answer.statusCode}.`);
    await answer.body.text();
  }

  return {
    rotate: async () => {
      const found = new Map<string, unknown>();
      for (const wave of waves) await Promise.all(wave.map((seen) => send(seen, found)));
    },
    close: () => dispatcher.destroy(),
  };
}

async function read(
  answer: { readonly statusCode: number; readonly body: { json(): Promise<unknown> } },
  wanted: number,
): Promise<unknown> {
  if (answer.statusCode !== wanted) throw new Error(`The answer was ${answer.statusCode}.`);
  return answer.body.json();
}

/** A signed URL, so that no request has to be signed by hand. */
function signedQueueUrl({ connectionString, queueName }: Street): string {
  const client = new QueueClient(connectionString, queueName);
  // By the machine's clock: Azurite knows no other.
  const expiresOn = new Date(Date.now() + 86_400_000);
  const permissions = QueueSASPermissions.parse("a");
  const signed = new URL(client.generateSasUrl({ expiresOn, permissions }));
  signed.pathname += "/messages";
  signed.searchParams.set("visibilitytimeout", "240");
  return signed.href;
}
