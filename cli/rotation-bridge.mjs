#!/usr/bin/env node
// The npm bin. Plain JavaScript, so that a Node which cannot read TypeScript can at least say so.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    `rotation-bridge needs Node 24 or later, and runs on ${process.version}.\n` +
      "In a checkout `npm ci` brings Node 24 along; `npx rotation-bridge` then runs on it.\n",
  );
  process.exit(2);
}
if (import.meta.url.includes("/node_modules/")) {
  // Node reads no TypeScript there: ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING.
  process.stderr.write(
    "rotation-bridge runs from a checkout of its repository: `npm ci`, then `npx rotation-bridge`.\n",
  );
  process.exit(2);
}
const { runProcess } = await import("./main.ts");
await runProcess();
