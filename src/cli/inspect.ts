import { ArgumentError } from "../core/errors.js";
import type { Verification } from "../evaluation/verify.js";
import { describeCommand } from "./command.js";
import { describeModel, showModel } from "./model-description.js";
import { loadModelOf, modelOptions } from "./source-options.js";

export const command = describeCommand({
  name: "inspect",
  summary: "Shows what a model is: its family, head and size, and the sites that neurons are read from and changed at.",
  usage: "MODEL [--verify REFERENCE.safetensors]",
  words: { least: 1, most: 1, are: "one MODEL" },
  options: {
    verify: {
      kind: "text",
      value: "REFERENCE.safetensors",
      help: "compare every site with what another implementation computed, as bench/peers/export-sites.py exports it",
    },
    tolerance: {
      kind: "number",
      value: "X",
      least: 0,
      help: "how far a site may be from the reference, absolutely or relatively to its largest number (default 1e-4)",
    },
    weights: modelOptions.weights,
  },
  notes: [
    "MODEL is a directory in the Hugging Face layout (config.json, model.safetensors, tokenizer.json) or a hub id. A neuron's name is its site and its number there, such as layers.3.mlp.hidden:871.",
  ],
  examples: [
    "inspect path/to/all-minilm-l6-v2",
    "inspect path/to/llama --json",
    "inspect path/to/gpt2 --verify gpt2-sites.safetensors",
  ],
  async run([path = ""], { weights, verify: reference, tolerance }, session) {
    if (reference === undefined && tolerance !== undefined) {
      throw new ArgumentError("--tolerance", "nothing without --verify", tolerance);
    }
    const model = await loadModelOf({ model: path, weights }, session);
    if (reference === undefined) {
      const description = describeModel(model);
      session.print(session.json ? JSON.stringify(description, null, 2) : showModel(description));
      return;
    }
    const { verify } = await import("../evaluation/verify.js");
    const options = tolerance === undefined ? {} : { tolerance };
    const found = await verify(model, reference, options, session.context);
    session.print(session.json ? JSON.stringify({ model: path, reference, ...found }, null, 2) : show(found));
    if (!found.within) throw new Error(failure(found, reference));
  },
});

function show({ sites, worst, missing, unknown }: Verification): string {
  const width = Math.max(...sites.map(({ site }) => site.length));
  const line = (site: string, absolute: string, relative: string) =>
    `  ${site.padEnd(width)}  ${absolute.padEnd(8)}  ${relative}`;
  return [
    line("site", "absolute", "relative"),
    ...sites.map(({ site, absolute, relative }) => line(site, absolute.toExponential(1), relative.toExponential(1))),
    "",
    `worst: ${worst.site}, ${worst.absolute.toExponential(1)} (${worst.relative.toExponential(1)} of its largest number)`,
    ...(missing.length > 0 ? [`not in the reference: ${missing.join(", ")}`] : []),
    ...(unknown.length > 0 ? [`no sites of the model: ${unknown.join(", ")}`] : []),
  ].join("\n");
}

function failure({ worst, tolerance, sites }: Verification, reference: string): string {
  const far = sites.filter(({ absolute, relative }) => Math.min(absolute, relative) > tolerance).length;
  return `expected every site within ${tolerance} of ${reference} but ${far} of ${sites.length} are not, ${worst.site} by ${worst.absolute.toExponential(1)}`;
}
