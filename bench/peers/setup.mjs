#!/usr/bin/env node
// `npm run bench:peers`: a Python environment in bench/peers/.venv with what benchmarks are compared with, pinned.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const environment = join(here, ".venv");
const requirements = join(here, "requirements.txt");
const stamp = join(environment, "requirements.txt");

function run(args) {
  const { status, error } = spawnSync("uv", args, { stdio: "inherit" });
  if (status === 0) return;
  console.error(error ? "Expected uv on the PATH: install it with `pip install uv`." : `uv ${args[0]} failed.`);
  process.exit(1);
}

const wanted = readFileSync(requirements, "utf8");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  run(["venv", "--quiet", "--allow-existing", environment]);
  run(["pip", "install", "--quiet", "--python", join(environment, "bin/python"), "-r", requirements]);
  writeFileSync(stamp, wanted);
}
console.log(`The Python peers are in ${environment}.`);
