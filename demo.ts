/** `npm run demo`: on the local cluster, or with `--rig` on real ones; `local/` knows nothing of those in `test/`. */

await import(process.argv.includes("--rig") ? "./test/rig/demo.ts" : "./local/demo.ts");
