import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { writeFileAtomically } from "../core/files.js";
import { report } from "../reports/report.js";
import { describeCommand } from "./command.js";
import { type Search, searchConcepts } from "./demo/concepts.js";
import { type Continuation, continueBoth } from "./demo/continuation.js";
import { type Material, openMaterial } from "./demo/material.js";
import { type Check, checkByAblation } from "./demo/quote-neuron.js";
import * as summary from "./demo/summary.js";
import { expectOut } from "./results.js";
import type { Session } from "./session.js";

/** Where the quote neuron is held: at the ends of what tanh reaches. */
const prompts = [
  { prompt: '"We are very', value: -1 },
  { prompt: "The keys near the cabinet", value: 1 },
] as const;

/** What the demo found in one run. */
interface Findings {
  readonly searches: readonly [Search, Search];
  readonly check: Check;
  readonly continuations: readonly Continuation[];
  readonly neuron: string;
  readonly device: string;
}

export const command = describeCommand({
  name: "demo",
  summary: "Finds neurons in two small models of this package, and shows what happens without them.",
  usage: "[--out report.html]",
  words: { least: 0, most: 0, are: "no words" },
  options: { out: { kind: "text", value: "FILE.html", help: "where the report goes (default report.html)" } },
  examples: ["demo", "demo --out demo.html"],
  async run(_words, { out = "report.html" }, session) {
    await expectOut(out, ".html");
    const folder = await mkdtemp(join(tmpdir(), "neurometry-demo-"));
    try {
      const findings = await find(await openMaterial(session), folder, session);
      await writeFileAtomically(out, await pageOf(findings, session), session.signal);
      session.print(session.json ? JSON.stringify(numbersOf(findings, out)) : linesOf(findings, out).join("\n"));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});

async function find({ lstm, llama, dev, test }: Material, folder: string, session: Session): Promise<Findings> {
  const inLstm = await searchConcepts(lstm, dev, { sites: "layers.*.hidden", folder, session });
  const inLlama = await searchConcepts(llama, dev, { sites: "layers.*.mlp.hidden", folder, session });
  const quotes = inLstm.found[0]!.averagePrecision;
  const check = await checkByAblation(lstm, test, quotes, { session });
  const neuron = summary.bestNeuron(quotes);
  const [site = "", index] = neuron.split(":");
  const continuations: Continuation[] = [];
  for (const { prompt, value } of prompts) {
    continuations.push(
      await continueBoth(lstm, prompt, { site, index: Number(index) }, { value, signal: session.signal }),
    );
  }
  return {
    searches: [inLstm, inLlama],
    check,
    continuations,
    neuron,
    device: summary.deviceText(lstm.device.description),
  };
}

async function pageOf({ searches, check, continuations, neuron }: Findings, session: Session): Promise<string> {
  const [lstm, llama] = searches;
  const [quotes, brackets] = lstm.found;
  if (!quotes || !brackets) throw new Error("the demo looks for quotes and brackets first");
  const inLlama = llama.found.map(({ averagePrecision }) => averagePrecision);
  const results = [quotes.averagePrecision, check.curve, check.each, brackets.averagePrecision, ...inLlama.slice(2, 6)];
  const sentences = [
    "The neurons of layers.0.hidden are the units of an LSTM that reads bytes, those of layers.N.mlp.hidden a transformer’s that reads words.",
    summary.agreementSentence(quotes),
    ...summary.ablationSentences(quotes.averagePrecision, check),
    ...continuations.map((continuation) => summary.continuationSentence(neuron, continuation)),
    summary.missingSentence(searches),
  ];
  const options = { title: "A neuron for quotation marks", summary: sentences };
  return await report(results, { ...options, activations: [lstm.source, llama.source] }, { signal: session.signal });
}

function linesOf({ searches, check, continuations, neuron, device }: Findings, out: string): string[] {
  const quotes = searches[0].found[0]!;
  return [
    summary.conceptTable(searches),
    "",
    summary.agreementSentence(quotes),
    ...summary.ablationSentences(quotes.averagePrecision, check),
    summary.missingSentence(searches),
    "",
    ...continuations.flatMap((continuation) => summary.continuationLines(neuron, continuation)),
    "",
    summary.speedSentence(searches, check),
    `Device: ${device}`,
    "",
    "Try next, with a text of yours:",
    `  npx neurometry show ${neuron} --model src/demo/models/lstm --text 'She said: "Yes!" and left.'`,
    `  npx neurometry generate --model src/demo/models/lstm --prompt 'The old man said: "I' --set ${neuron}=-1`,
    "",
    `Report: ${pathToFileURL(resolve(out)).href}`,
  ];
}

function numbersOf({ searches, check, continuations, neuron, device }: Findings, out: string) {
  const { baseline, counts, top, random, bottom } = check.curve.values;
  const milliseconds = { ...check.milliseconds, searches: searches.map((search) => search.milliseconds) };
  const ablation = { baseline, counts, top, random, bottom };
  return { neuron, device, ablation, continuations, milliseconds, report: pathToFileURL(resolve(out)).href };
}
