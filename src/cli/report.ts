import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { writeFileAtomically } from "../core/files.js";
import { readResult } from "../methods/result-file.js";
import { describeCommand } from "./command.js";
import { expectOut } from "./results.js";
import { openSourceOf, sourceOptions } from "./source-options.js";

export const command = describeCommand({
  name: "report",
  summary: "Puts results into one HTML page that needs no network: tables, figures, and where they come from.",
  usage: "FILE.json… --out report.html",
  words: { least: 1, most: 1000, are: "one or more FILE.json of earlier commands" },
  options: {
    ...sourceOptions,
    activations: {
      ...sourceOptions.activations,
      help: "draws the best neurons of the rankings over their top sentences",
    },
    title: { kind: "text", value: "TEXT", help: "the page's heading" },
    out: { kind: "text", value: "FILE.html", help: "where the page goes", required: true },
  },
  examples: ["report nouns.json curve.json --activations acts --title 'Nouns in MiniLM' --out report.html"],
  async run(paths, options, session) {
    const { report } = await import("../reports/report.js");
    await expectOut(options.out, ".html");
    const results = await Promise.all(paths.map(readResult));
    const live = options.activations !== undefined || options.model !== undefined;
    const source = live ? await openSourceOf(options, session) : null;
    const title = options.title === undefined ? {} : { title: options.title };
    const page = await report(results, { ...title, ...(source && { activations: source }) }, session.context);
    await writeFileAtomically(options.out, page, session.signal);
    const address = pathToFileURL(resolve(options.out)).href;
    session.print(session.json ? JSON.stringify({ out: options.out, address }) : address);
  },
});
