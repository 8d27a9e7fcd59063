import type { Sentence, Word } from "../../../src/corpus/corpus.js";
import type { MetricName } from "../../../src/methods/causal/metric.js";
import type { Intervention } from "../../../src/model/interventions.js";
import type { Model } from "../../../src/model/model.js";
import { selectSites } from "../../../src/model/sites.js";
import { mask } from "./masked-model.js";

/** What is read in one pass, and what of its logits is asked; a character is a token in the fixtures. */
export interface Reading {
  /** The number of its sentence, of a pair that of the good one: random draws know the text by it. */
  readonly sentence: number;
  readonly ids: Uint32Array;
  readonly source: Uint32Array | null;
  readonly asks: readonly Ask[];
  /** Of pairs: −1 for the one that should be the less likely. */
  readonly side: 1 | -1;
  /** The first token that belongs to the text: an encoder-decoder's decoder begins with one of its own. */
  readonly content: number;
  /** Tokens in front that no metric is of. */
  readonly warmUp: number;
}

interface Ask {
  readonly row: number;
  readonly target: number;
  /** Where the character that is predicted stands in the text; of whole texts null. */
  readonly place: number | null;
}

/** The intervention of one pass on one sequence, at the ablated positions of it. */
export type Edits = (reading: Reading) => readonly Intervention[];

/** How a model reads the sentences of a corpus for a metric. @param label the annotation of words that is right */
export async function readingsOf(model: Model, sentences: readonly Sentence[], metric: MetricName, label: string) {
  const all: Reading[] = [];
  for (const [number, sentence] of sentences.entries()) {
    const written = sentence.target ?? sentence;
    const ids = await encode(written === sentence ? model.tokenizer : model.targetTokenizer, written.text);
    const paired = pairs.includes(metric);
    const own = {
      sentence: paired ? number - (number % 2) : number,
      source: sentence.target ? await encode(model.tokenizer, sentence.text) : null,
      side: paired && number % 2 === 1 ? (-1 as const) : (1 as const),
      content: model.encoder ? 1 : 0,
      warmUp: 0,
    };
    const reads = readsOf(model, sentence, ids, { metric, label });
    all.push(...reads.map((read) => ({ ...own, ...read })));
  }
  return all;
}

async function encode(tokenizer: Model["tokenizer"], text: string): Promise<Uint32Array> {
  const [encoding] = await tokenizer.encode([text]);
  return encoding!.ids;
}

type Read = Pick<Reading, "ids" | "asks">;

/** The passes that a sentence takes, and what each predicts. */
function readsOf(
  { head, encoder }: Model,
  sentence: Sentence,
  ids: Uint32Array,
  { metric, label }: { readonly metric: MetricName; readonly label: string },
): Read[] {
  const written = sentence.target ?? sentence;
  const form = formOf(written, metric);
  const [from, to] = form ?? [0, ids.length];
  const asked = [...ids.keys()].slice(from, to);
  if (head.kind === "masked") {
    return asked.map((t) => {
      return { ids: ids.map((id, at) => (at === t ? mask : id)), asks: [{ row: t, target: ids[t]!, place: t }] };
    });
  }
  const read = form ? ids.slice(0, to - 1) : ids;
  const behindStart = encoder ? Uint32Array.of(encoder.start, ...read) : read;
  if (metric === "representation") return [{ ids: behindStart, asks: [] }];
  const classOf = (name: string | undefined) => head.labels.indexOf(name!);
  if (head.kind === "sequence-classification")
    return [{ ids, asks: [{ row: 0, target: classOf(sentence.labels.label), place: null }] }];
  if (head.kind === "token-classification") {
    const askOf = ({ start, annotations }: Word) => ({ row: start, target: classOf(annotations[label]), place: start });
    return [{ ids, asks: written.words.map(askOf) }];
  }
  const first = encoder ? 0 : 1; // a decoder has a token in front of the text's first one
  const asks = asked.filter((t) => t >= first).map((t) => ({ row: t - first, target: ids[t]!, place: t }));
  return asks.length > 0 ? [{ ids: behindStart, asks }] : [];
}

/** The same readings behind another text, from which a recurrent model goes on. */
export async function behind(model: Model, text: string, readings: readonly Reading[]): Promise<Reading[]> {
  const ids = await encode(model.tokenizer, text);
  const warmUp = ids.length;
  return readings.map((reading) => {
    const asks = reading.asks.map((ask) => ({ ...ask, row: ask.place === null ? ask.row : ask.row + warmUp }));
    return { ...reading, ids: Uint32Array.of(...ids, ...reading.ids), asks, warmUp };
  });
}

function formOf({ critical }: Sentence, metric: MetricName): [number, number] | null {
  return critical && metric !== "minimal-pairs" ? [critical.start, critical.end] : null;
}

/** One pass of one sequence that nobody but the logits and the last residual is asked for. */
interface Pass {
  readonly logits: readonly (readonly number[])[];
  readonly residual: readonly (readonly number[])[];
}

async function run(model: Model, reading: Reading, edits: Edits): Promise<Pass> {
  const { ids, source, sentence } = reading;
  const head = model.sites.filter(({ name }) => /(^|\.)logits$/.test(name)).map(({ name }) => name);
  const sites = selectSites(model.sites, [...head, ...lastSites(model)]);
  using forward = model.forward({
    sequences: [ids],
    ...(source && { sources: [source] }),
    identities: Uint32Array.of(sentence),
    interventions: edits(reading),
    capture: { sites },
  });
  const values = await forward.captured!.values();
  const { columns } = forward.captured!;
  const cut = (logits: boolean) => {
    const own = sites.filter(({ name }) => name.endsWith("logits") === logits);
    return Array.from(ids, (_, row) =>
      own.flatMap(({ offset, width }) => [...values.subarray(row * columns + offset, row * columns + offset + width)]),
    );
  };
  return { logits: cut(true), residual: cut(false) };
}

/** Where what the head reads last comes from. */
function lastSites({ sites, layers, family, encoder }: Model): string[] {
  const at = `${encoder ? "decoder." : ""}layers.${layers - 1}.`;
  if (family === "rnn_seq2seq") return [`${at}cross.out`];
  const last = /^(residual|hidden|forward\.hidden|backward\.hidden)$/;
  return sites.filter(({ name }) => name.startsWith(at) && last.test(name.slice(at.length))).map(({ name }) => name);
}

/** A metric over what has a concept, or is of the sentences that have it, and over the others. */
export interface Loop {
  readonly mean: number;
  readonly others: number;
  readonly count: number;
  /** How much of the mean stands on a difference that float32 may turn over. */
  readonly doubtful: number;
}

/**
 * A metric by its definition: one pass per sentence with one ablation, its softmax in float64.
 *
 * @param focus whether what is asked counts for the mean, or for that of the others
 */
export async function loop(
  model: Model,
  readings: readonly Reading[],
  metric: MetricName,
  edits: Edits,
  focus: (reading: Reading, place: number | null) => boolean,
): Promise<Loop> {
  const own: Value[] = [];
  const [margins, befores] = [new Map<number, number>(), new Map<Value, number>()];
  for (const reading of readings) {
    const after = await run(model, reading, edits);
    const before = comparing.includes(metric) ? await run(model, reading, () => []) : after;
    if (metric === "representation") {
      const distances = after.residual.map((row, t) => moved(before.residual[t]!, row));
      own.push(...distances.slice(reading.warmUp).map((value) => ({ value, focus: true, doubt: false })));
      continue;
    }
    for (const { row, target, place } of reading.asks) {
      const [now, was] = [logSoftmax(after.logits[row]!), logSoftmax(before.logits[row]!)];
      if (pairs.includes(metric)) {
        margins.set(reading.sentence, (margins.get(reading.sentence) ?? 0) + reading.side * now[target]!);
        continue;
      }
      const value = { ...predictionOf(metric, now, was, target), focus: focus(reading, place) };
      own.push(value);
      befores.set(value, -was[target]!);
    }
  }
  for (const [sentence, margin] of margins) {
    const value = metric === "logit-diff" ? margin : Number(margin > 0);
    const reading = readings.find((one) => one.sentence === sentence)!;
    own.push({ value, focus: focus(reading, null), doubt: metric !== "logit-diff" && Math.abs(margin) < doubt });
  }
  const over = (wanted: boolean) => {
    const some = own.filter((one) => one.focus === wanted);
    const all = mean(some.map(({ value }) => value));
    return metric === "erasure" ? all / mean(some.map((one) => befores.get(one)!)) : all;
  };
  const doubtful = own.filter((one) => one.doubt).length / own.length;
  return { mean: over(true), others: over(false), count: own.filter((one) => one.focus).length, doubtful };
}

interface Value {
  readonly value: number;
  readonly focus: boolean;
  readonly doubt: boolean;
}

const comparing: readonly MetricName[] = ["kl", "representation", "erasure", "erasure-li"];
const pairs: readonly MetricName[] = ["minimal-pairs", "agreement", "logit-diff"];
/** Which of two is the larger may be otherwise where sums are made in another order. */
const doubt = 1e-4;

function predictionOf(metric: MetricName, now: readonly number[], was: readonly number[], target: number) {
  const [loss, lossBefore] = [-now[target]!, -was[target]!];
  const others = now.filter((_, id) => id !== target);
  const lead = now[target]! - Math.max(...others);
  const sure = { doubt: false };
  switch (metric) {
    case "loss":
      return { value: loss, ...sure };
    case "gold-probability":
      return { value: Math.exp(-loss), ...sure };
    case "accuracy":
      return { value: Number(lead > 0), doubt: Math.abs(lead) < doubt };
    case "kl":
      return { value: was.reduce((sum, p, id) => sum + Math.exp(p) * (p - now[id]!), 0), ...sure };
    case "erasure":
      return { value: loss - lossBefore, ...sure };
    case "erasure-li":
      return { value: (lossBefore - loss) / lossBefore, ...sure };
    default:
      throw new Error(`${metric} is not of single predictions`);
  }
}

function moved(before: readonly number[], after: readonly number[]): number {
  return Math.hypot(...after.map((value, i) => value - before[i]!)) / Math.hypot(...before);
}

function logSoftmax(row: readonly number[]): number[] {
  const most = Math.max(...row);
  const sum = Math.log(row.reduce((total, value) => total + Math.exp(value - most), 0));
  return row.map((value) => value - most - sum);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
