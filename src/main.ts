#!/usr/bin/env node
// An old Node.js must be able to parse and run this file: the program itself is loaded after the check.
// The version is that of `engines` in package.json.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `error: dormouse needs Node.js 22.19 or newer, and this is ${process.version}: install one from https://nodejs.org\n`,
  );
  process.exit(2);
}
const { main } = await import('#cli/program.ts');
await main(process.argv.slice(2));
