/** The two files of node-forge that are loaded; their types are parts of the whole library's. */

declare module "node-forge/lib/rc2.js" {
  import type { rc2 } from "node-forge";

  const cipher: Pick<typeof rc2, "createDecryptionCipher">;
  export default cipher;
}

declare module "node-forge/lib/util.js" {
  import type { util } from "node-forge";

  const buffers: Pick<typeof util, "createBuffer">;
  export default buffers;
}
