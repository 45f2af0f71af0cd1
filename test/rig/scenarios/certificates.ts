/** Certificates of the scenarios: what vaults hold and, recorded from the real software, what becomes of it. */

import { createHash } from "node:crypto";
import { recorded } from "../../scenarios/certificates.ts";
import type { Certificate } from "../../scenarios/certificates.ts";
import type { RecordedFile } from "../nodes.ts";

/** An old one and its renewal; the renewed one has another kind of key. */
export const pfx = [recorded("pfx-rsa2048-a"), recorded("pfx-p256-a")] as const;
export const pem = [recorded("pem-rsa2048-a"), recorded("pem-p521-a")] as const;

/** For the rig's provider, which by itself knows nothing of certificates. */
export const recordedFiles: readonly RecordedFile[] = [...pfx, ...pem].map(({ parts, file }: Certificate) => ({
  sha256: createHash("sha256").update(parts.value).digest("hex"),
  objectFormat: "",
  objectEncoding: "",
  contents: Buffer.from(file).toString("base64"),
}));
