import { writeFileAtomically } from "../core/files.js";
import { describeCommand } from "./command.js";
import { expectOut } from "./results.js";
import { openSourceOf, sourceOptions } from "./source-options.js";

export const command = describeCommand({
  name: "concepts",
  summary: "Proposes concepts of the model's own: clusters of rows, named by their most typical words and tag.",
  usage: "--activations SOURCE [--clusters K] --out FILE.txt",
  words: { least: 0, most: 0, are: "no words" },
  options: {
    ...sourceOptions,
    clusters: { kind: "integer", value: "K", least: 1, help: "how many (default 50)" },
    restarts: {
      kind: "integer",
      value: "N",
      least: 1,
      help: "beginnings of k-means, of which the best counts (default 3)",
    },
    out: { kind: "text", value: "FILE.txt", help: "a label a row, which --labels reads", required: true },
  },
  examples: [
    "concepts --activations acts --clusters 30 --out clusters.txt",
    "rank average-precision --activations acts --labels clusters.txt --out experts.json",
  ],
  async run(_words, options, session) {
    const { proposeConcepts } = await import("../methods/corpus/row-clusters.js");
    const { out, clusters, restarts } = options;
    await expectOut(out, ".txt");
    const source = await openSourceOf(options, session);
    const amounts = { ...(clusters !== undefined && { clusters }), ...(restarts !== undefined && { restarts }) };
    const own = { ...amounts, device: await session.device(), seed: session.seed };
    const found = await proposeConcepts(source, own, session.context);
    await writeFileAtomically(out, `${found.labels.join("\n")}\n`, session.signal);
    if (session.json) {
      session.print(JSON.stringify({ out, clusters: found.clusters, spread: found.spread }));
      return;
    }
    const lines = found.clusters.map(({ label, rows, words }) => {
      const told = words.slice(0, 6).map(({ value }) => value).join(" "); // biome-ignore format: one line
      return `  ${label.padEnd(32)} ${String(rows).padStart(7)}  ${told}`;
    });
    session.print(
      [`${out}: ${source.rows.toLocaleString("en")} rows in ${lines.length} clusters`, ...lines].join("\n"),
    );
  },
});
