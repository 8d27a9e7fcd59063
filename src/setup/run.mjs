#!/usr/bin/env node
// Sets up everything that this clone needs, and only what is missing or out of date:
//   node src/setup/run.mjs            what `npm run demo` needs
//   node src/setup/run.mjs --tests    and what tests and benchmarks need
import { compileAddon, compileTypeScript, linkCommand } from "./build.mjs";
import { installPackages } from "./packages.mjs";
import { SetupError } from "./step.mjs";
import { checkNode, installSystemPackages } from "./system.mjs";
import { unpackChromium, unpackSwiftShader } from "./unpack.mjs";

const known = ["--tests"];
try {
  const stranger = process.argv.slice(2).find((argument) => !known.includes(argument));
  if (stranger)
    throw new SetupError(`Expected ${known.join(", ")} or nothing for src/setup/run.mjs but received ${stranger}`);
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
