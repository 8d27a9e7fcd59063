#!/usr/bin/env node
// `npm test` and `npm run test:data`: checks the code, then runs the tests on every instruction set that this
// processor has and on a software GPU. What should be there and is not is a failure, never a skip.
//   node test/run.mjs          format, lint, types; all tests but those in test/data
//   node test/run.mjs data     the tests in test/data, on the models and corpora in ../shared/data
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { softwareGpu } from "./software-gpu.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const program = (name) => join(root, "node_modules/.bin", name);
const totals = { passed: 0, failed: 0 };
/** What went wrong, told again at the end: of a long log often only the end is kept. */
const failures = [];

function fail(sentence) {
  failures.push(sentence);
  console.log(sentence);
  process.exitCode = 1;
}

function step(title, command, args, variables = {}) {
  console.log(`\n— ${title}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...variables } });
  if (status !== 0) fail(`${title}: failed`);
}

/** Runs vitest and adds to the totals; a skipped test or an empty run is a failure. */
function tests(title, files, variables) {
  const report = join(root, ".cache/tests", `${title.replace(/\W+/g, "-")}.json`);
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  step(title, program("vitest"), ["run", ...reporters, ...files], { ...softwareGpu(root), ...variables });
  const { numPassedTests, numFailedTests, numTotalTests, testResults } = existsSync(report)
    ? JSON.parse(readFileSync(report, "utf8"))
    : none;
  totals.passed += numPassedTests;
  totals.failed += numTotalTests - numPassedTests;
  if (numPassedTests > 0 && numPassedTests === numTotalTests) return;
  fail(`${title}: ${numPassedTests} of ${numTotalTests} tests passed, ${numFailedTests} failed, the rest did not run`);
  failures.push(...testResults.flatMap(failuresOf));
}

const none = { numPassedTests: 0, numFailedTests: 1, numTotalTests: 1, testResults: [] };

const longestReason = 2000;

/** The tests of a file that did not pass, and why; the file itself, where it could not be read. */
function failuresOf({ name, message, assertionResults }) {
  const file = relative(root, name);
  const tests = assertionResults.filter(({ status }) => status !== "passed");
  const reasons = tests.map(({ fullName, status, failureMessages }) =>
    [`${fullName}: ${status}`, ...failureMessages].join("\n"),
  );
  return [message, ...reasons].filter(Boolean).map((reason) => `${file}: ${reason.slice(0, longestReason)}`);
}

/** The instruction sets that this processor can run, slowest first: the last is what runs by default. */
function instructionSets() {
  const addon = createRequire(import.meta.url)(join(root, "build/Release/neurometry.node"));
  return addon.describe().available;
}

function checkAll() {
  const sets = instructionSets();
  step("format and lint", program("biome"), ["check", "--diagnostic-level=error", "."]);
  step("types", program("tsc"), ["-p", "tsconfig.json"]);
  tests(`tests on native ${sets.at(-1)} and a software GPU`, []);
  for (const name of sets.slice(0, -1)) {
    tests(`kernel tests on native ${name}`, ["test/kernels"], {
      NEUROMETRY_ISA: name,
      NEUROMETRY_TEST_DEVICES: "native",
    });
  }
  console.log(`\nInstruction sets that ran: ${sets.join(", ")}.`);
}

function checkData() {
  const data = process.env.NEUROMETRY_DATA ?? join(root, "../shared/data");
  if (existsSync(data)) return tests("tests on shared data", [], { NEUROMETRY_TESTS: "data", NEUROMETRY_DATA: data });
  fail(`Expected models and corpora in ${data}, or in the folder that NEUROMETRY_DATA names, but there is none.`);
}

if (process.argv[2] === "data") checkData();
else checkAll();
if (failures.length > 0) console.log(`\n— what went wrong\n${failures.join("\n")}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
