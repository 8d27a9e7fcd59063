#!/usr/bin/env node
// `npm run bench -- [NAME…] [--json] [--alone] [--device NAME]`: runs every benchmark, or those named, each in a process of its
// own, and writes bench/results.md; --alone leaves out the Python peers. A benchmark is a file bench/{kernels,methods,commands}/NAME.bench.ts.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const compiled = join(root, "build/bench");
const { values, positionals } = parseArgs({
  options: { json: { type: "boolean" }, alone: { type: "boolean" }, device: { type: "string" } },
  allowPositionals: true,
});

function list() {
  return ["kernels", "methods", "commands"].flatMap((folder) =>
    (existsSync(join(root, "bench", folder)) ? readdirSync(join(root, "bench", folder)) : [])
      .filter((file) => file.endsWith(".bench.ts"))
      .map((file) => ({ name: file.replace(".bench.ts", ""), file: join(folder, file.replace(".ts", ".js")) })),
  );
}

function choose(all) {
  const stranger = positionals.find((name) => !all.some((benchmark) => benchmark.name === name));
  if (!stranger) return all.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  console.error(`Expected one of ${all.map(({ name }) => name).join(", ")} but received ${stranger}`);
  process.exit(2);
}

/** Compiled sources look for shaders, the addon and fixtures where sources do, so those are linked there. */
function compile() {
  rmSync(compiled, { recursive: true, force: true });
  mkdirSync(compiled, { recursive: true });
  mkdirSync(join(compiled, "test/fixtures"), { recursive: true });
  for (const name of ["native", "shaders", "build", "package.json", "test/fixtures/models"])
    symlinkSync(join(root, name), join(compiled, name));
  const tsc = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", join(root, "bench/tsconfig.json")], {
    stdio: "inherit",
  });
  if (tsc.status !== 0) process.exit(1);
}

function measure({ name, file }) {
  const out = join(compiled, `${name}.jsonl`);
  const { status } = spawnSync(process.execPath, [join(compiled, "bench", file)], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      NEUROMETRY_BENCH_OUT: out,
      ...(values.device && { NEUROMETRY_DEVICE: values.device }),
      ...(values.alone && { NEUROMETRY_BENCH_ALONE: "1" }),
    },
  });
  if (status !== 0) {
    console.error(`${name}: failed`);
    process.exitCode = 1;
  }
  return existsSync(out)
    ? readFileSync(out, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    : [];
}

const chosen = choose(list());
compile();
const lines = chosen.flatMap(measure);
const { writeResults } = await import(join(compiled, "bench/results.js"));
await writeResults(lines);
if (values.json) console.log(JSON.stringify(lines, null, 2));
