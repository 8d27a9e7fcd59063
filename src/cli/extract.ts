import { ArgumentError } from "../core/errors.js";
import { describeCommand } from "./command.js";
import { corpusOptions, modelOptions, openLive, rowOptions, sourceOptions } from "./source-options.js";

export const command = describeCommand({
  name: "extract",
  summary:
    "Writes the activations of a model over a corpus to a store: a directory of safetensors with a table of rows.",
  usage: "--model MODEL --corpus FILE --sites GLOB --out DIR",
  words: { least: 0, most: 0, are: "no words" },
  options: {
    ...modelOptions,
    ...corpusOptions,
    corpus: { ...corpusOptions.corpus, required: true },
    sites: { ...sourceOptions.sites, required: true },
    out: { kind: "text", value: "DIR", help: "where the store goes", required: true },
    ...rowOptions,
    dtype: { kind: "text", value: "TYPE", choices: ["f32", "f16"], help: "how numbers are kept (default f32)" },
    force: { kind: "flag", help: "replace a store of another job" },
  },
  notes: [
    "A store in progress is DIR.partial; the same command continues one that was cut short, and the result has the same bytes.",
  ],
  examples: [
    "extract --model all-minilm-l6-v2 --corpus en_ewt-ud-dev.conllu --sites 'layers.*.residual' --rows word --pool last --out acts",
    "extract --model llama --corpus text.txt --sites 'layers.0-3.mlp.hidden' --dtype f16 --out acts",
  ],
  async run(_words, options, session) {
    const { writeStore } = await import("../activations/store-writer.js");
    const source = await openLive({ ...options, activations: undefined }, session);
    const dtype = options.dtype === "f16" ? "f16" : "f32";
    if (source.rows === 0) throw new ArgumentError("--corpus", "a corpus with rows", options.corpus);
    await writeStore(source, options.out, { dtype, existing: options.force ? "replace" : "refuse" }, session.context);
    const summary = { out: options.out, rows: source.rows, neurons: source.columns, sites: source.sites.length, dtype };
    session.print(
      session.json
        ? JSON.stringify(summary)
        : `${options.out}: ${source.rows.toLocaleString("en")} ${options.rows ?? "token"}s × ${source.columns.toLocaleString("en")} neurons of ${source.sites.length} sites, ${dtype}`,
    );
  },
});
