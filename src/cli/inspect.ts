import type { HeadKind, Model } from "../model/model.js";
import { describeCommand } from "./command.js";
import { loadModelOf } from "./source-options.js";

export const command = describeCommand({
  name: "inspect",
  summary: "Shows what a model is: its family, its size, and the sites that neurons are read from and changed at.",
  usage: "MODEL",
  words: { least: 1, most: 1, are: "one MODEL" },
  options: {},
  notes: [
    "MODEL is a directory in the Hugging Face layout (config.json, model.safetensors, tokenizer.json) or a hub id. A neuron's name is its site and its number there, such as layers.3.mlp.hidden:871.",
  ],
  examples: ["inspect path/to/all-minilm-l6-v2", "inspect path/to/llama --json"],
  async run([path = ""], _options, session) {
    const model = await loadModelOf(path, session);
    const description = describe(model);
    session.print(session.json ? JSON.stringify(description, null, 2) : show(description));
  },
});

function describe(model: Model) {
  const { name, path, family, head, layers, heads, maximumTokens, vocabulary, parameters, sites, unused } = model;
  const neurons = sites.reduce((sum, { width }) => sum + (width ?? 0), 0);
  const positions = Number.isFinite(maximumTokens) ? maximumTokens : null;
  return { name, path, family, head, layers, heads, positions, vocabulary, parameters, neurons, sites, unused };
}

function show(model: ReturnType<typeof describe>): string {
  const facts = [
    ["family", `${model.family} (${nameHead(model.head.kind)})`],
    ...(model.head.labels.length > 0 ? [["labels", model.head.labels.join(", ")]] : []),
    ["layers", `${model.layers}${model.heads > 0 ? `, ${model.heads} heads each` : ""}`],
    ["reads", model.positions === null ? "sentences of any length" : `up to ${model.positions} tokens`],
    ["vocabulary", model.vocabulary.toLocaleString("en")],
    ["parameters", model.parameters.toLocaleString("en")],
    ["neurons", `${model.neurons.toLocaleString("en")} at ${model.sites.length} sites`],
    ...(model.unused.length > 0 ? [["unused", model.unused.join(", ")]] : []),
  ];
  const width = Math.max(...model.sites.map(({ name }) => name.length));
  const sites = model.sites.map(
    ({ name, width: columns }) => `  ${name.padEnd(width)}  ${columns ?? "as many as tokens"}`,
  );
  return [
    model.path,
    ...facts.map(([fact = "", value = ""]) => `  ${fact.padEnd(10)}  ${value}`),
    "",
    `  ${"site".padEnd(width)}  neurons`,
    ...sites,
  ].join("\n");
}

function nameHead(kind: HeadKind): string {
  if (kind === "none") return "no head";
  return kind === "causal" || kind === "masked" ? `${kind} language model` : kind.replace("-", " ");
}
