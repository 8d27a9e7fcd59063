import { ArgumentError } from "../core/errors.js";
import { columnOfNeuron, siteOfColumn } from "../core/sites.js";
import type { Intervention } from "../model/interventions.js";
import type { Model } from "../model/model.js";
import { selectSites } from "../model/sites.js";
import { describeCommand } from "./command.js";
import { loadModelOf, sourceOptions } from "./source-options.js";

export const command = describeCommand({
  name: "generate",
  summary: "Continues a text with the likeliest tokens, with neurons held at values of yours.",
  usage: "--model MODEL --prompt TEXT [--tokens N] [--greedy] [--set SITE:INDEX=VALUE …]",
  words: { least: 0, most: 0, are: "no words" },
  options: {
    model: { ...sourceOptions.model, help: "a model directory or hub id", required: true },
    prompt: { kind: "text", value: "TEXT", help: "what is continued", required: true },
    tokens: { kind: "integer", value: "N", least: 1, help: "how many tokens at most (default 40)" },
    greedy: { kind: "flag", help: "take the likeliest token at every step; this is what happens anyway" },
    set: {
      kind: "list",
      value: "SITE:INDEX=VALUE",
      help: "a neuron's value at every position; may be given several times",
    },
  },
  examples: [
    'generate --model stories260k-llama --prompt "Once upon a time"',
    'generate --model llama --prompt "The keys to the cabinet" --tokens 8 --set layers.3.mlp.hidden:41=0',
  ],
  async run(_words, { model: path, prompt, tokens = 40, set = [] }, session) {
    const { continueGreedily } = await import("../model/generate.js");
    const model = await loadModelOf(path, session);
    const interventions = set.map((setting) => interventionOf(model, setting));
    const [encoding] = await model.tokenizer.encode([prompt]);
    if (!encoding || encoding.ids.length === 0) throw new ArgumentError("--prompt", "a text with a token", prompt);
    const ids = await continueGreedily(model, encoding.ids, { tokens, interventions, signal: session.signal });
    const added = Array.from(ids.subarray(encoding.ids.length));
    const text = await model.tokenizer.decode(ids);
    session.print(session.json ? JSON.stringify({ prompt, text, tokens: added }) : text);
  },
});

/** `SITE:INDEX=VALUE` as an intervention at every position. */
function interventionOf(model: Model, setting: string): Intervention {
  const [, neuron, text] = /^(.+:\d+)=(.+)$/.exec(setting) ?? [];
  const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  if (neuron === undefined || !Number.isFinite(value)) {
    throw new ArgumentError("--set", "SITE:INDEX=VALUE, such as layers.3.mlp.hidden:41=0", setting);
  }
  const sites = selectSites(model.sites, neuron.replace(/:\d+$/, ""));
  const column = columnOfNeuron(sites, neuron);
  const site = siteOfColumn(sites, column);
  return { site: site.name, columns: [column - site.offset], operation: "set", value };
}
