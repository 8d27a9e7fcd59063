import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { STORE_FORMAT, shardsOf, writeIndex } from "../../src/activations/store-index.js";
import { npyHeader } from "../../src/core/npy.js";
import { temporaryFolder } from "../temporary-folder.js";
import { data } from "./folder.js";

const folder = temporaryFolder();
const program = fileURLToPath(new URL("../fixtures/stream-file.mjs", import.meta.url));
const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const rows = 800_000;
const columns = 1000;

/** A file with a hole where its numbers are: zeros that take no disk. */
function sparse(path: string, head: Uint8Array, bytes: number): string {
  writeFileSync(path, head);
  truncateSync(path, bytes);
  return path;
}

async function sparseStore(): Promise<string> {
  const path = join(folder, "store");
  mkdirSync(path);
  const sites = [{ name: "layers.0.residual", width: columns, offset: 0 }];
  const job = { rows, dtype: "f32", sites, model: null, corpus: null, table: false, options: {} } as const;
  const index = { format: STORE_FORMAT, complete: true, job, shardRows: 33_792, activations: null } as const;
  await writeIndex(path, index);
  for (const { path: shard, head, bytes } of shardsOf(path, index)) sparse(shard, head, bytes);
  return path;
}

/** Runs a command and gives the largest anonymous memory that it was seen with, in MB. */
async function anonymousOf(words: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [cli, ...words, "--quiet", "--device", "native"], { stdio: "ignore" });
  let most = 0;
  const looking = setInterval(() => {
    const [, kilobytes = "0"] = /RssAnon:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8")) ?? [];
    most = Math.max(most, Number(kilobytes) / 1024);
  }, 20);
  const [code] = await once(child, "exit");
  clearInterval(looking);
  expect(code, words.join(" ")).toBe(0);
  return most;
}

it("a file of 3.2 GB is ranked and clustered with less than 600 MB of anonymous memory", async () => {
  const head = npyHeader("f4", [rows, columns]);
  const file = sparse(join(folder, "ranked.npy"), head, head.length + rows * columns * 4);
  const labels = join(folder, "labels.npy");
  writeFileSync(labels, Buffer.concat([npyHeader("u1", [rows]), new Uint8Array(rows).map((_, row) => (row * 7) % 17)]));
  const out = ["--activations", file, "--out", join(folder, "result.json")];
  for (const words of [
    ["rank", "variance", ...out],
    ["rank", "probeless", "--labels", labels, ...out],
    ["rank", "average-precision", "--labels", labels, ...out],
    ["group", "correlation-clusters", "--threshold", "0.3", ...out],
  ]) {
    expect(await anonymousOf(words), words.join(" ")).toBeLessThan(600);
  }
});

it("a file and a store of 3.2 GB stream with less than 600 MB of anonymous memory", async () => {
  const head = npyHeader("f4", [rows, columns]);
  const file = sparse(join(folder, "large.npy"), head, head.length + rows * columns * 4);
  for (const path of [file, await sparseStore()]) {
    const { most, rows: seen, sum } = JSON.parse(execFileSync(process.execPath, [program, path], { encoding: "utf8" }));
    expect(most, path).toBeLessThan(600);
    expect(seen).toBeGreaterThan(790_000);
    expect(sum).toBe(0);
  }
});

it.each([
  ["loss", "mean", "300MB"],
  ["kl", "zero", "450MB"],
  ["representation", "resample", "350MB"],
])("a sweep by %s with neurons at %s keeps within the %s that it is allowed", async (metric, value, memory) => {
  const corpus = join(folder, "long.txt");
  const lines = readFileSync(`${data}corpora/text/wikitext2-valid.txt`, "utf8").split("\n");
  const long = lines.filter(({ length }) => length > 500 && length < 680).slice(0, 6);
  writeFileSync(corpus, long.join("\n"));
  const words = ["ablate", "--model", `${data}models/small-gpt2`, "--corpus", corpus, "--each", "head"];
  const out = ["--out", join(folder, "swept.json")];
  const most = await anonymousOf([...words, "--value", value, "--metric", metric, "--memory", memory, ...out]);
  expect(most * 2 ** 20).toBeLessThan(Number.parseInt(memory, 10) * 1e6);
});
