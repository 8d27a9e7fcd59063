import type { Contexts } from "../methods/corpus/contexts.js";
import { describeCommand } from "./command.js";
import { convertText } from "./parse.js";
import { expectOut, finish, outOption } from "./results.js";
import { openSourceOf, sourceOptions } from "./source-options.js";

export const command = describeCommand({
  name: "contexts",
  summary: "Lists for every neuron the rows on which it is largest and smallest, with the words around them.",
  usage: "--activations SOURCE [--top K] [--window W] [--top-words N|all] [--histogram BINS] --out FILE.json",
  words: { least: 0, most: 0, are: "no words" },
  options: {
    ...sourceOptions,
    top: { kind: "integer", value: "K", least: 1, help: "rows at each end (default 10)" },
    window: { kind: "integer", value: "W", least: 0, help: "rows told on each side (default 5)" },
    "top-words": {
      kind: "text",
      value: "N|all",
      help: "the words that move each neuron most: so many, or all above a tenth",
    },
    histogram: { kind: "integer", value: "BINS", least: 1, help: "quantiles and a histogram of each neuron" },
    out: outOption,
  },
  examples: ["contexts --activations acts --top 5 --top-words 10 --histogram 20 --out contexts.json"],
  async run(_words, options, session) {
    const { contexts } = await import("../methods/corpus/contexts.js");
    await expectOut(options.out);
    const source = await openSourceOf(options, session);
    const { top, window, histogram } = options;
    const words = options["top-words"];
    const amounts = {
      ...(top !== undefined && { top }),
      ...(window !== undefined && { window }),
      ...(words !== undefined && { topWords: readWords(words) }),
      ...(histogram !== undefined && { histogram }),
    };
    const device = await session.device();
    const found = await contexts(source, { ...amounts, device }, session.context);
    await finish(options.out, found, session);
    if (!session.json) session.print(await linesOf(found.neurons.slice(0, 5)));
  },
});

/** A neuron's largest row in its sentence, between angle quotes. */
async function linesOf(neurons: Contexts["neurons"]): Promise<string> {
  const { contextText } = await import("../reports/context-text.js");
  return neurons
    .map(({ neuron, top }) => {
      const { before, after } = contextText(top[0]!);
      const text = `${before}«${top[0]!.text}»${after}`.replace(/\s+/g, " ");
      return `  ${neuron.padEnd(32)} ${top[0]!.value.toPrecision(5).padEnd(9)} ${text}`;
    })
    .join("\n");
}

function readWords(text: string): number | "all" {
  return text === "all" ? text : Number(convertText("--top-words", { kind: "integer", least: 1, help: "" }, text));
}
