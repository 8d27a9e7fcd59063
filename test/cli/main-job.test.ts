import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.js";
import { neurometry } from "./command-line.js";
import { llama, writeCorpus } from "./demo-model.js";

/** The commands of the README on the model and the corpus that the repository ships, one after the other in one folder. */
const folder = temporaryFolder();
const run = async (...words: string[]) => {
  const { code, stdout, stderr } = await neurometry([...words, "--device", "native", "--quiet"], folder);
  expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: "" });
  return stdout;
};
const result = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));

beforeAll(async () => {
  writeCorpus(folder, 60);
  const source = ["--model", llama, "--corpus", "corpus.conllu", "--rows", "word", "--pool", "last"];
  await run("extract", ...source, "--sites", "layers.*.residual", "--out", "acts");
  await run("extract", ...source, "--sites", "layers.*.mlp.hidden", "--out", "hidden");
});

describe("inspect", () => {
  test("shows the family, the size and the sites", async () => {
    const shown = await run("inspect", llama);
    expect(shown).toMatch(/family +llama\n +head +causal language model\n/);
    expect(shown).toMatch(/parameters +[\d,]+ \(F16\)\n/);
    expect(shown).toMatch(/unused +nothing in the file\n/);
    expect(shown).toMatch(/layers\.0\.residual +\d+/);
  });

  test("prints JSON with --json", async () => {
    const { sites, family } = JSON.parse(await run("inspect", llama, "--json"));
    expect(family).toBe("llama");
    expect(sites.map(({ name }: { name: string }) => name)).toContain("logits");
  });
});

describe("extract", () => {
  test("writes a store and leaves nothing partial", () => {
    expect(existsSync(join(folder, "acts/index.json"))).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });

  test("says what it wrote, and does nothing when the same job is done", async () => {
    const words = ["--model", llama, "--corpus", "corpus.conllu", "--rows", "word", "--pool", "last"];
    const said = await run("extract", ...words, "--sites", "layers.*.residual", "--out", "acts");
    expect(said).toMatch(/^acts: \d+ words × \d+ neurons of \d+ sites, f32\n$/);
  });
});

describe("export", () => {
  test.each([".npy", ".safetensors", ".json", ".hdf5", ".parquet"])("writes %s", async (ending) => {
    expect(await run("export", "--activations", "acts", "--out", `acts${ending}`)).toContain(`acts${ending}: `);
    expect(existsSync(join(folder, `acts${ending}`))).toBe(true);
  });
});

describe("rank", () => {
  test.each([
    ["probeless", "upos"],
    ["iou", "upos=NOUN"],
    ["average-precision", "feats.Tense=Past"],
  ])("%s finds neurons for %s", async (method, concept) => {
    const said = await run("rank", method, "--activations", "acts", "--concept", concept, "--out", `${method}.json`);
    expect(said).toMatch(/layers\.\d\.residual:\d+/);
    const { kind, order, scores } = result(`${method}.json`);
    expect(kind).toBe("ranking");
    expect(scores[order[0]]).toBe(Math.max(...scores));
  });

  test("needs no concept for variance, nor annotations", async () => {
    await run("export", "--activations", "acts", "--out", "bare.npy");
    await run("rank", "variance", "--activations", "bare.npy", "--out", "variance.json");
    expect(result("variance.json").sites[0].name).toBe("activations");
  });

  test("gives the same bytes for a file, a store and a live model", async () => {
    const words = ["--model", llama, "--corpus", "corpus.conllu", "--rows", "word", "--sites", "layers.*.residual"];
    await run("rank", "probeless", ...words, "--concept", "upos=VERB", "--out", "live.json");
    await run("rank", "probeless", "--activations", "acts", "--concept", "upos=VERB", "--out", "stored.json");
    expect(result("live.json").order).toEqual(result("stored.json").order);
  });

  test("gives the same bytes for any number of threads", async () => {
    for (const threads of ["1", "2"]) {
      const words = ["rank", "average-precision", "--activations", "acts", "--concept", "upos", "--threads", threads];
      await run(...words, "--out", `threads-${threads}.json`);
    }
    expect(readFileSync(join(folder, "threads-1.json"))).toEqual(readFileSync(join(folder, "threads-2.json")));
  });
});

describe("group and compare", () => {
  test("sorts neurons into clusters", async () => {
    await run("group", "correlation-clusters", "--activations", "acts", "--threshold", "0.3", "--out", "groups.json");
    const { labels, groups } = result("groups.json");
    expect(Math.max(...labels)).toBe(groups.length - 1);
  });

  test("finds each neuron's best match in another source", async () => {
    await run("compare", "max-correlation", "acts", "hidden", "--top", "3", "--out", "matches.json");
    expect(result("matches.json").matches[0].columns).toHaveLength(result("matches.json").scores.length);
  });
});

describe("contexts, ablate and report", () => {
  test("lists contexts", async () => {
    await run("contexts", "--activations", "acts", "--top", "2", "--out", "contexts.json");
    expect(result("contexts.json").neurons[0].top).toHaveLength(2);
  });

  test("measures the model without the neurons of a ranking, and puts all into one page", async () => {
    await run("rank", "variance", "--activations", "hidden", "--out", "top.json");
    const words = ["--model", llama, "--corpus", "corpus.conllu", "--ranking", "top.json", "--value", "zero"];
    await run("ablate", ...words, "--metric", "loss", "--fractions", "0,0.5,1", "--out", "curve.json");
    const { baseline, top } = result("curve.json").values;
    expect(top[0]).toBeCloseTo(baseline, 5);
    const address = await run(
      "report",
      "probeless.json",
      "curve.json",
      "--activations",
      "acts",
      "--out",
      "report.html",
    );
    expect(address).toMatch(/^file:\/\/\/.*report\.html\n$/);
    expect(readFileSync(join(folder, "report.html"), "utf8")).toContain("layers.");
  });

  test("says what a sweep would cost, and writes nothing", async () => {
    const words = ["--model", llama, "--corpus", "corpus.conllu", "--each", "neuron", "--value", "zero", "--plan"];
    const said = await run("ablate", ...words, "--metric", "loss", "--memory", "1GB");
    expect(said).toMatch(/^768 units over \d+ tokens by loss: about \d+ (s|min)\n/);
    expect(said).toMatch(
      /\n {2}batches of up to 4,096 tokens: \d+ to \d+ units each, in copies of the same texts \(\d+ groups of texts, /,
    );
    expect(said).toMatch(/\n {2}memory up to \d+ MB\n/);
    expect(said).toMatch(
      /\n {2}layers\.1\.mlp\.hidden: 192 units, [\d.e-]+ MFLOP a token instead of [\d.e-]+ MFLOP \(\d+ % is shared /,
    );
    expect(said).not.toContain("long way");
    const both = await run(
      "ablate",
      ...words,
      "--metric",
      "loss",
      "--sites",
      "layers.*.attention.key,layers.*.mlp.gate",
    );
    expect(both.split("\n")).toContain("  long way (each copy computes the layer whole): layers.0-3.attention.key");
    expect(readdirSync(folder).some((name) => name.includes("sweep"))).toBe(false);
  });

  test("needs a place for the result without --plan, a size that is one, and memory that suffices", async () => {
    const words = ["ablate", "--model", llama, "--corpus", "corpus.conllu", "--each", "head", "--value", "zero"];
    const refusal = async (...more: string[]) => {
      const { code, stderr } = await neurometry([...words, "--metric", "loss", "--device", "native", ...more], folder);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refusal()).toBe("Expected FILE.json for --out but received nothing\n");
    expect(await refusal("--plan", "--memory", "much")).toContain(
      "Expected a size such as 800MB, 2GB or 4GiB for --memory",
    );
    expect(await refusal("--plan", "--memory", "100MB")).toMatch(
      /^Expected at least \d+ MB, which the smallest batches of this corpus take, for memory but received "100 MB"\n$/,
    );
  });

  test("ranks layers by the damage that their loss does", async () => {
    const words = [
      "--model",
      llama,
      "--corpus",
      "corpus.conllu",
      "--each",
      "layer",
      "--value",
      "mean",
      "--metric",
      "kl",
    ];
    await run("ablate", ...words, "--out", "layers.json");
    expect(Math.min(...result("layers.json").scores)).toBeGreaterThanOrEqual(0);
  });
});

describe("explain", () => {
  test("explains neurons of a store and of a live model alike", async () => {
    const concepts = ["--concepts", "upos,feats,form:50", "--quantile", "0.1", "--length", "2"];
    const said = await run("explain", "--activations", "acts", ...concepts, "--out", "formulas.json");
    expect(said).toMatch(
      /^formulas\.json: \d+ neurons explained by formulas of \d+ concepts\n {2}layers\.\d\.residual:\d+ /,
    );
    const live = ["--model", llama, "--corpus", "corpus.conllu", "--rows", "word", "--sites", "layers.*.residual"];
    await run("explain", ...live, ...concepts, "--out", "live.json", "--threads", "1");
    expect(result("live.json").neurons).toEqual(result("formulas.json").neurons);
    await run("report", "formulas.json", "--out", "formulas.html");
    expect(readFileSync(join(folder, "formulas.html"), "utf8")).toContain("Compositional explanations");
  });
});

describe("show and generate", () => {
  test("shows a neuron on a text", async () => {
    const shown = await run("show", "layers.1.residual:3", "--model", llama, "--text", "My cows saw themselves.");
    expect(shown).toMatch(/^layers\.1\.residual:3\n/);
    expect(shown).toContain("cows");
  });

  test("continues a text, and otherwise with a neuron held", async () => {
    const words = ["generate", "--model", llama, "--prompt", "The cows", "--tokens", "6"];
    const free = await run(...words);
    expect(free).toMatch(/^The cows /);
    const held = await run(...words, "--set", "layers.1.residual:0=40,layers.1.residual:1=-40");
    expect(held).not.toBe(free);
  });
});
