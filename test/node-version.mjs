// Runs before everything else, on whatever Node there is: Node 20 cannot even read the TypeScript that follows.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    `This needs Node 24 or later, and runs on ${process.version}.\n` +
      "The devDependency `node` brings Node 24 in its install script, and npm puts it first on PATH. Mend it with\n" +
      "  npm rebuild node     (after an install with --ignore-scripts, or where scripts need approval)\n" +
      "  npm ci               (where node_modules is missing)\n",
  );
  process.exit(1);
}
