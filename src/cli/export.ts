import { basename } from "node:path";
import { describeCommand } from "./command.js";
import { openSourceOf, sourceOptions } from "./source-options.js";

export const command = describeCommand({
  name: "export",
  summary: "Writes activations as a file that other programs read.",
  usage: "--activations SOURCE --out FILE.npy|.safetensors|.json|.hdf5|.parquet",
  words: { least: 0, most: 0, are: "no words" },
  options: {
    ...sourceOptions,
    out: {
      kind: "text",
      value: "FILE",
      help: ".npy (rows × neurons), .safetensors (a tensor a site), .json or .hdf5 (NeuroX, residual sites), .parquet (with the table of rows)",
      required: true,
    },
  },
  examples: [
    "export --activations acts --out acts.npy",
    "export --model all-minilm-l6-v2 --corpus en_ewt-ud-dev.conllu --sites 'layers.*.residual' --rows word --out acts.hdf5",
  ],
  async run(_words, options, session) {
    const { exportActivations } = await import("../activations/export.js");
    const source = await openSourceOf(options, session);
    await exportActivations(source, options.out, session.context);
    const { rows, columns } = source;
    const sentence = `${options.out}: ${rows.toLocaleString("en")} rows × ${columns.toLocaleString("en")} neurons of ${basename(source.name)}`;
    session.print(session.json ? JSON.stringify({ out: options.out, rows, neurons: columns }) : sentence);
  },
});
