#!/usr/bin/env node
// Sets up everything that this clone needs, and only what is missing or out of date:
//   node setup.mjs            what `npm run demo` needs
//   node setup.mjs --tests    and what tests and benchmarks need
import { compileAddon, compileTypeScript, linkCommand } from "./setup/build.mjs";
import { installPackages } from "./setup/packages.mjs";
import { SetupError } from "./setup/step.mjs";
import { checkNode, installSystemPackages } from "./setup/system.mjs";
import { unpackChromium, unpackSwiftShader } from "./setup/unpack.mjs";

const known = ["--tests"];
try {
  const stranger = process.argv.slice(2).find((argument) => !known.includes(argument));
  if (stranger) throw new SetupError(`Expected ${known.join(", ")} or nothing for setup.mjs but received ${stranger}`);
  const tests = process.argv.includes("--tests");
  checkNode();
  installSystemPackages();
  installPackages({ tests });
  compileAddon();
  compileTypeScript();
  linkCommand();
  if (tests) unpackSwiftShader();
  if (tests) unpackChromium();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
