import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { data, expectOwn, root, work, workPath } from "./program.mjs";

export const treebank = join(data, "corpora/UD_English-EWT/en_ewt-ud-dev.conllu");
export const modelPath = (model) => join(data, "models", model);

/**
 * Runs a command of ours as a user would type it, and reads its result. One that is there already, of the same command, is
 * taken as it is; a command that was cut short goes on where it was.
 */
export function resultOf(name, words) {
  const out = workPath(`${name}.json`);
  const typed = asTyped(words);
  const command = workPath(`${name}.command`);
  if (!existsSync(command) || readFileSync(command, "utf8") !== typed) {
    expectOwn(typed);
    for (const old of [out, workPath(`${name}.sweep.partial`)]) rmSync(old, { force: true });
    writeFileSync(command, typed);
  }
  if (!existsSync(out)) run([...words, "--out", out], typed);
  return { ...JSON.parse(readFileSync(out, "utf8")), command: typed };
}

function run(words, typed) {
  expectOwn(typed);
  console.error(typed);
  const { status } = spawnSync(process.execPath, [join(root, "dist/cli.js"), ...words, "--quiet"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** A command as a reader would type it, whose files lie beside each other. */
function asTyped(words) {
  const folders = [work, join(data, "models"), join(data, "corpora/blimp"), join(treebank, "..")];
  const short = (word) => folders.reduce((left, folder) => left.replace(`${folder}/`, ""), word);
  return `neurometry ${words.map(short).join(" ")}`;
}

/** Sentences of the treebank, the first of them or some behind, as a file. */
export function sentencesOf(count, behind = 0) {
  const sentences = readFileSync(treebank, "utf8")
    .split("\n\n")
    .slice(behind, behind + count);
  return written(`ewt-dev-${behind > 0 ? `${behind}-` : ""}${count}.conllu`, `${sentences.join("\n\n")}\n\n`);
}

/** A set of BLiMP, all of its pairs. */
export const pairsOf = (set) => join(data, `corpora/blimp/${set}.jsonl`);

function written(name, text) {
  writeFileSync(workPath(name), text);
  return workPath(name);
}
