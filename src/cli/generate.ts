import { ArgumentError } from "../core/errors.js";
import { intervene } from "../model/intervene.js";
import type { Intervention } from "../model/interventions.js";
import { describeCommand, type OptionValues } from "./command.js";
import { loadModelOf, modelOptions } from "./source-options.js";

const options = {
  ...modelOptions,
  prompt: {
    kind: "texts",
    value: "TEXT",
    help: "what is continued (an encoder-decoder's source); several are one batch",
    required: true,
  },
  tokens: { kind: "integer", value: "N", least: 0, help: "how many tokens are added at most (default 40)" },
  greedy: { kind: "flag", help: "take the likeliest token at every step; this is what happens anyway" },
  temperature: { kind: "number", value: "T", help: "choose at random, logits divided by T" },
  "top-k": { kind: "integer", value: "K", least: 1, help: "among the K likeliest tokens" },
  "top-p": { kind: "number", value: "P", help: "among the fewest tokens whose probabilities add up to P" },
  "repetition-penalty": { kind: "number", value: "R", help: "above 1, makes tokens that the text has less likely" },
  stop: {
    kind: "texts",
    value: "TEXT",
    help: "a string before which the text ends (\\n is a line end); may be given several times",
  },
  bos: { kind: "flag", help: "begin texts with the config's bos_token_id, where the tokenizer does not" },
  set: {
    kind: "texts",
    value: "SITE:INDEX=VALUE",
    help: "a neuron's value at every position, also SITE:head.HEAD=VALUE or SITE=VALUE; may be given several times",
  },
} as const;

export const command = describeCommand({
  name: "generate",
  summary: "Continues texts, with neurons and heads held at values of yours.",
  usage: "--model MODEL --prompt TEXT [--tokens N] [--greedy | --temperature T …] [--set SITE:INDEX=VALUE …]",
  words: { least: 0, most: 0, are: "no words" },
  options,
  notes: [
    "What a decoder alone adds stands behind its prompt; an encoder-decoder's text stands for itself, a line for each prompt.",
    "A choice at random depends on --seed, the number of the prompt, the position and the token: it is the same on every device, and whatever other prompts stand beside.",
  ],
  examples: [
    'generate --model stories260k-llama --prompt "Once upon a time" --temperature 0.8 --top-p 0.95 --seed 1',
    'generate --model llama --prompt "The keys to the cabinet" --tokens 8 --set layers.3.mlp.hidden:41=0 --set layers.1.attention.heads:head.2=0',
  ],
  async run(_words, given, session) {
    const settings = optionsOf(given);
    const { generate } = await import("../model/generate.js");
    const model = await loadModelOf(given, session);
    const streams = given.prompt.length === 1 && !session.json;
    const before = (prompt: string) => (model.encoder ? "" : prompt);
    let unsaid = streams ? before(given.prompt[0]!) : ""; // until the model has taken everything that was asked for
    const onText = (_: number, added: string) => {
      session.stream(unsaid + added);
      unsaid = "";
    };
    const context = { signal: session.signal, ...(streams && { onText }) };
    const generations = await generate(model, given.prompt, { ...settings, seed: session.seed }, context);
    if (streams) return session.stream(`${unsaid}\n`);
    for (const [i, { text, ids, end }] of generations.entries()) {
      const prompt = given.prompt[i]!;
      const whole = before(prompt) + text;
      session.print(session.json ? JSON.stringify({ prompt, text: whole, tokens: [...ids], end }) : whole);
    }
  },
});

function optionsOf(given: OptionValues<typeof options>) {
  const { tokens, temperature, stop = [], set = [] } = given;
  const random = temperature ?? given["top-k"] ?? given["top-p"];
  if (given.greedy && random !== undefined) throw new ArgumentError("--greedy", "nothing at random beside it", random);
  const all = {
    tokens,
    temperature,
    topK: given["top-k"],
    topP: given["top-p"],
    repetitionPenalty: given["repetition-penalty"],
    beginning: given.bos ? ("add" as const) : undefined,
    stop: stop.map((text) => text.replaceAll("\\n", "\n")),
    interventions: set.flatMap((text) => text.split(/(?<==[^,=]*),/)).map(interventionOf),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** `SITE:INDEX=VALUE` as an intervention at every position. */
function interventionOf(setting: string): Intervention {
  const [, target, text = ""] = /^([^=]+)=([^=]+)$/.exec(setting) ?? [];
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (target === undefined || !Number.isFinite(value)) {
    throw new ArgumentError("--set", "SITE:INDEX=VALUE, such as layers.3.mlp.hidden:41=0", setting);
  }
  return intervene(target).set(value);
}
