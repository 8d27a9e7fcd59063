import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const data = process.env.NEUROMETRY_DATA ?? join(root, "../shared/data");
const work = join(root, ".cache/studies");
mkdirSync(work, { recursive: true });

/** Results of an earlier run are taken as they are, with `--keep`: whoever has only changed the page asks for that. */
const keep = process.argv.includes("--keep");

export const treebank = join(data, "corpora/UD_English-EWT/en_ewt-ud-dev.conllu");
export const modelPath = (model) => join(data, "models", model);
export const workPath = (name) => join(work, name);

/** Runs a command of ours as a user would type it, and reads its result. */
export function resultOf(name, words) {
  const out = workPath(`${name}.json`);
  if (!(keep && existsSync(out))) neurometry([...words, "--out", out]);
  return JSON.parse(readFileSync(out, "utf8"));
}

function neurometry(words) {
  console.error(`neurometry ${words.join(" ")}`);
  const { status } = spawnSync(process.execPath, [join(root, "dist/cli.js"), ...words, "--quiet"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) process.exit(status ?? 1);
}

/** Sentences of the treebank, the first of them or some behind, as a file. */
export function sentencesOf(count, behind = 0) {
  const sentences = readFileSync(treebank, "utf8")
    .split("\n\n")
    .slice(behind, behind + count);
  return written(`ewt-dev-${behind > 0 ? `${behind}-` : ""}${count}.conllu`, `${sentences.join("\n\n")}\n\n`);
}

/** The first lines of a file of BLiMP, as a file. */
export function firstPairs(set, count) {
  const lines = readFileSync(join(data, `corpora/blimp/${set}.jsonl`), "utf8")
    .split("\n")
    .slice(0, count);
  return written(`${set}-${count}.jsonl`, `${lines.join("\n")}\n`);
}

function written(name, text) {
  writeFileSync(workPath(name), text);
  return workPath(name);
}
