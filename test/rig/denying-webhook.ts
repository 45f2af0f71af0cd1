/** An admission webhook that denies writes, as a company's policy engine would: a real one, called by the API server. */

import { once } from "node:events";
import { createServer } from "node:https";
import { z } from "zod";
import { selfSignedCertificate } from "../../local/self-signed.ts";
import { type Api, mergePatch } from "./api.ts";
import type { Namespace } from "./namespace.ts";
import { until } from "./until.ts";

const configurations = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";

/**
 * From when it resolves until the answer is called, all creations and changes of Secrets and of what is in `apps` are
 * denied with this message. `probe` is the path of a Secret that exists.
 */
export async function startDenyingWebhook(
  namespace: Pick<Namespace, "check">,
  admin: Api,
  probe: string,
  message: string,
): Promise<() => Promise<void>> {
  const { key, cert } = selfSignedCertificate();
  const server = createServer({ key, cert }, (request, response) => {
    void (async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) if (chunk instanceof Uint8Array) chunks.push(chunk);
      const review = reviewSchema.parse(JSON.parse(Buffer.concat(chunks).toString()));
      const answer = { uid: review.request.uid, allowed: false, status: { code: 403, reason: "Forbidden", message } };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ apiVersion: review.apiVersion, kind: "AdmissionReview", response: answer }));
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const rules = ["", "apps"].map((group) => ({
    apiGroups: [group],
    apiVersions: ["v1"],
    operations: ["CREATE", "UPDATE"],
    resources: group === "" ? ["secrets"] : ["*"],
  }));
  const webhook = {
    name: "policy.example.com",
    clientConfig: { url: `https://127.0.0.1:${port}/`, caBundle: Buffer.from(cert).toString("base64") },
    rules,
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    failurePolicy: "Fail",
  };
  const denied = async () => {
    const patch = { metadata: { labels: { probed: "yes" } } };
    return (await admin.call("PATCH", `${probe}?dryRun=All`, patch, mergePatch)).status === 403;
  };
  await admin.must("POST", configurations, {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "policy.example.com" },
    webhooks: [webhook],
  });
  await until("the webhook", namespace, denied);
  return async () => {
    await admin.must("DELETE", `${configurations}/policy.example.com`);
    await until("the webhook's end", namespace, async () => !(await denied()));
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
}

const reviewSchema = z.object({ apiVersion: z.string(), request: z.object({ uid: z.string() }) });
