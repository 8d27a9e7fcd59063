import { spawn } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";
import { neurometry, outcomeOf, program, start } from "./command-line.js";
import { llama, writeCorpus } from "./demo-model.js";

/** What a user gets wrong: one sentence that names the thing and the value, exit code 2, and nothing half-written. */
const folder = temporaryFolder();

beforeAll(async () => {
  writeCorpus(folder, 20);
  const words = ["--model", llama, "--corpus", "corpus.conllu", "--sites", "layers.*.residual", "--rows", "word"];
  const { code, stderr } = await neurometry(["extract", ...words, "--out", "acts", "--quiet"], folder);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

async function refusal(words: readonly string[]): Promise<string> {
  const before = readdirSync(folder).sort();
  const { code, stdout, stderr } = await neurometry([...words, "--quiet"], folder);
  expect({ words, code, stdout }).toEqual({ words, code: 2, stdout: "" });
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).not.toMatch(/\bat .*\.js:\d+/);
  expect(readdirSync(folder).sort()).toEqual(before);
  return stderr.trim();
}

/** A copy of the shipped model that `damage` has changed. */
function damagedModel(name: string, damage: (copy: string) => void): string {
  const copy = join(folder, name);
  cpSync(llama, copy, { recursive: true });
  damage(copy);
  return name;
}

function changeConfig(change: (config: Record<string, unknown>) => void) {
  return (copy: string) => {
    const path = join(copy, "config.json");
    const config = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    change(config);
    writeFileSync(path, JSON.stringify(config));
  };
}

/** Replaces the header of a safetensors file by what `change` makes of it. */
function changeHeader(change: (header: Record<string, { shape: number[]; data_offsets: number[] }>) => void) {
  return (copy: string) => {
    const path = join(copy, "model.safetensors");
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.toString("utf8", 8, 8 + length));
    change(header);
    const text = Buffer.from(JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(text.length));
    writeFileSync(path, Buffer.concat([size, text, bytes.subarray(8 + length)]));
  };
}

function renameTensor(header: Record<string, { shape: number[]; data_offsets: number[] }>): void {
  const own = header[firstTensor];
  delete header[firstTensor];
  if (own) header["model.layers.9.input_layernorm.weight"] = own;
}

const firstTensor = "model.layers.0.input_layernorm.weight";

describe("a model", () => {
  const weights = (copy: string) => join(copy, "model.safetensors");

  test.each<[string, (copy: string) => void, RegExp]>([
    ["cut short", (copy) => truncateSync(weights(copy), 20_000), /model\.safetensors/],
    [
      "with a header longer than the file",
      (copy) => writeFileSync(weights(copy), Buffer.from([255, 255, 255, 255, 0, 0, 0, 0, 123])),
      /model\.safetensors/,
    ],
    [
      "with broken JSON in its header",
      (copy) => writeFileSync(weights(copy), Buffer.from([2, 0, 0, 0, 0, 0, 0, 0, 123, 123])),
      /model\.safetensors/,
    ],
    ["with a tensor that is missing", changeHeader(renameTensor), /layers\.0\.input_layernorm\.weight/],
    [
      "with a tensor of another shape",
      changeHeader((header) => header[firstTensor]?.shape.push(1)),
      /layers\.0\.input_layernorm\.weight/,
    ],
    [
      "with offsets beyond the file",
      changeHeader((header) => header[firstTensor]?.data_offsets.splice(0, 2, 1e9, 1e9 + 4)),
      /layers\.0\.input_layernorm\.weight/,
    ],
    [
      "of an unknown family",
      changeConfig((config) => Object.assign(config, { model_type: "lama" })),
      /bert.*llama.*(did you mean "llama"\?).*"lama"/,
    ],
    ["with a broken config", (copy) => writeFileSync(join(copy, "config.json"), "{"), /config\.json/],
    ["without a tokenizer", (copy) => writeFileSync(join(copy, "tokenizer.json"), "no"), /tokenizer\.json/],
  ])("%s is refused", async (name, damage, sentence) => {
    const model = damagedModel(`model ${name}`, damage);
    expect(await refusal(["inspect", model])).toMatch(sentence);
  });

  test("that is not there is refused", async () => {
    expect(await refusal(["inspect", "nowhere"])).toContain("nowhere");
  });
});

describe("a name", () => {
  const source = ["--activations", "acts"];
  test.each([
    [
      ["rank", "probless", ...source, "--concept", "upos", "--out", "r.json"],
      '(did you mean "probeless"?) for method but received "probless"',
    ],
    [
      ["rank", "probeless", ...source, "--concept", "uops", "--out", "r.json"],
      '(did you mean "upos"?) for concept but received "uops"',
    ],
    [["rank", "probeless", ...source, "--concept", "upos=NUON", "--out", "r.json"], '(did you mean "NOUN"?)'],
    [
      ["rank", "probeless", ...source, "--concpt", "upos", "--out", "r.json"],
      '(did you mean "--concept"?) for options but received "--concpt"',
    ],
    [
      ["rank", "variance", ...source, "--device", "nativ", "--out", "r.json"],
      '(did you mean "native"?) for device but received "nativ"',
    ],
    [
      ["extract", "--model", llama, "--corpus", "corpus.conllu", "--sites", "layers.*.residul", "--out", "x"],
      "residul",
    ],
    [["show", "layers.0.residul:3", ...source], '(did you mean "layers.0.residual"?)'],
  ])("%j is refused with a near one", async (words, sentence) => {
    expect(await refusal(words)).toContain(sentence);
  });

  test("of a GPU that is not there is refused", async () => {
    const stderr = await refusal(["rank", "variance", ...source, "--device", "webgpu:Voodoo", "--out", "r.json"]);
    expect(stderr).toMatch(/^Cannot use the webgpu:Voodoo device: no adapter has that in its name/);
  });
});

describe("an array", () => {
  const npy = (descr: string, shape: string, bytes: number) => {
    const head = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117, " ");
    return Buffer.concat([
      Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1"),
      Buffer.from(`${head}\n`),
      Buffer.alloc(bytes),
    ]);
  };
  const nan = () => {
    const array = npy("<f4", "(4, 2)", 32);
    array.writeFloatLE(Number.NaN, array.length - 12);
    return array;
  };

  test.each<[string, Buffer, RegExp]>([
    ["that is cut short", npy("<f4", "(100, 2)", 20), /short\.npy/],
    ["of three dimensions", npy("<f4", "(2, 2, 2)", 32), /two-dimensional/],
    ["of strings", npy("<U5", "(2, 2)", 80), /strings/],
    ["of pickled objects", npy("|O", "(2, 2)", 32), /objects|pickle|O/],
    ["without rows", npy("<f4", "(0, 4)", 0), /row/],
    ["with a NaN", nan(), /row 2 of activations:1 but received NaN/],
    ["that is none", Buffer.from("hello"), /npy/],
  ])("%s is refused", async (name, bytes, sentence) => {
    const path = name === "that is cut short" ? "short.npy" : `${name}.npy`;
    writeFileSync(join(folder, path), bytes);
    expect(await refusal(["rank", "variance", "--activations", path, "--out", "r.json"])).toMatch(sentence);
  });

  test("that is not there is refused", async () => {
    const words = ["rank", "variance", "--activations", "no.npy", "--out", "r.json"];
    expect(await refusal(words)).toBe("no.npy: there is no such file");
  });
});

describe("labels", () => {
  test.each([
    ["of the wrong length", "a\nb\n", /labels/],
    ["without a positive", "\n".repeat(4), /positive|label/],
  ])("%s are refused", async (name, text, sentence) => {
    const array = Buffer.concat([
      Buffer.from("\x93NUMPY\x01\x00\x76\x00", "latin1"),
      Buffer.from(`${"{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2), }".padEnd(117, " ")}\n`),
      Buffer.alloc(32),
    ]);
    writeFileSync(join(folder, "four.npy"), array);
    writeFileSync(join(folder, `${name}.txt`), text);
    const words = [
      "rank",
      "average-precision",
      "--activations",
      "four.npy",
      "--labels",
      `${name}.txt`,
      "--out",
      "r.json",
    ];
    expect(await refusal(words)).toMatch(sentence);
  });

  test("and concepts are both missing", async () => {
    const words = ["rank", "probeless", "--activations", "acts", "--out", "r.json"];
    expect(await refusal(words)).toBe("Expected KEY[=VALUE], or --labels FILE for --concept but received nothing");
  });
});

describe("a corpus", () => {
  const extract = (corpus: string) => [
    "extract",
    "--model",
    llama,
    "--corpus",
    corpus,
    "--sites",
    "final",
    "--out",
    "x",
  ];
  test.each<[string, string, RegExp]>([
    ["empty.txt", "", /empty\.txt: Expected at least one sentence/],
    ["bad.conllu", "1\tThe\n\n", /bad\.conllu, line 1:/],
    ["order.conllu", "1\ta\ta\tX\t_\t_\t0\troot\t_\t_\n3\tb\tb\tX\t_\t_\t1\tdep\t_\t_\n\n", /order\.conllu, line 2:/],
  ])("%s is refused with its line", async (name, text, sentence) => {
    writeFileSync(join(folder, name), text);
    expect(await refusal(extract(name))).toMatch(sentence);
  });

  test("that is not there is refused", async () => {
    expect(await refusal(extract("no.conllu"))).toContain("no.conllu");
  });
});

describe("an output", () => {
  const rank = (out: string) => ["rank", "variance", "--activations", "acts", "--out", out];
  test.each([
    ["no/such/folder/r.json", "no/such/folder/r.json: cannot be written because its folder does not exist"],
    ["acts.json/r.json", "acts.json/r.json: cannot be written because its folder does not exist"],
    ["r.txt", 'Expected a file name that ends in .json for --out but received "r.txt"'],
  ])("%s is refused before the work begins", async (out, sentence) => {
    expect(await refusal(rank(out))).toBe(sentence);
  });

  test("that outgrows its file system fails with exit code 1 and leaves nothing", async () => {
    const before = readdirSync(folder).sort();
    const command = `ulimit -f 8; exec "${process.execPath}" "${program}" export --activations acts --out big.npy --quiet`;
    const { code, stderr } = await outcomeOf(spawn("bash", ["-c", command], { cwd: folder }));
    const sentence = "big.npy: cannot be written because the file would be too large for the file system\n";
    expect({ code, stderr }).toEqual({ code: 1, stderr: sentence });
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  test("of another job is refused, and replaced with --force", async () => {
    const words = ["extract", "--model", llama, "--corpus", "corpus.conllu", "--sites", "final", "--out", "acts"];
    expect(await refusal(words)).toContain("acts: holds activations of another job");
  });
});

describe("Ctrl-C", () => {
  test("stops the work, says so, and leaves what the same command continues", async () => {
    const text = readFileSync(writeCorpus(folder, 1e9, "long.conllu"), "utf8");
    writeFileSync(join(folder, "long.conllu"), text.repeat(10));
    const words = [
      "extract",
      "--model",
      llama,
      "--corpus",
      "long.conllu",
      "--sites",
      "layers.*.mlp.hidden",
      "--out",
      "long",
    ];
    const child = start(words, folder);
    const outcome = outcomeOf(child);
    await new Promise((resolve) => child.stderr?.once("data", resolve)); // the first line of progress
    child.kill("SIGINT");
    const { code, stderr } = await outcome;
    expect({ code, last: stderr.trim().split("\n").at(-1) }).toEqual({ code: 130, last: "Stopped." });
    expect(existsSync(join(folder, "long"))).toBe(false);
    const again = await neurometry([...words, "--quiet"], folder);
    expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 0, stderr: "" });
    expect(existsSync(join(folder, "long.partial"))).toBe(false);
  });
});
