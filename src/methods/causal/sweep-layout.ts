import { ArgumentError } from "../../core/errors.js";
import { machineBytes, sizeText } from "../../core/sizes.js";
import type { ForwardRequest, Model } from "../../model/model.js";
import { countRows, type PositionsName, rowBatches, rowsRequest } from "./ablated-rows.js";
import type { PassageBatch } from "./batches.js";
import { lookingBytes, sitesByPass, sitesOfZeros } from "./changed-positions.js";
import { type Ablation, requestOf } from "./measure-batch.js";
import { isWritten, type MetricName } from "./metric.js";
import type { Passage } from "./passages.js";
import { needsRows, type ReplacementName, replacementBytes } from "./replacement.js";
import { batchCopies, batchesOf, bySite, type SweepLayout, spanAblations, spanBytesOf } from "./sweep-jobs.js";
import type { JournalBatches } from "./sweep-journal.js";
import type { Units } from "./units.js";
import { asWritten } from "./written-passages.js";

/** How a sweep is cut into batches, and what memory that takes. */
export interface PlannedLayout extends SweepLayout {
  readonly spanAblations: number;
  /** The most memory that the sweep is expected to take, in bytes: the process' own on native, the device's on a GPU. */
  readonly bytes: number;
}

/** What results say of how a sweep was cut into batches. */
export interface SweepBatches {
  /** Tokens of a forward batch at most, copies included. */
  readonly tokens: number;
  /** Batches of passages, each of which is read for every unit. */
  readonly passages: number;
  /** Units that are ablated in one forward batch, each in a copy of its passages: fewest and most. */
  readonly copies: readonly [fewest: number, most: number];
  /** Units that go through all passages before the next ones do. */
  readonly span: number;
  /** Memory that was expected to be taken at most. */
  readonly bytes: number;
}

/** How a layout cuts the passages up. */
export function describeLayout(
  model: Model,
  passages: readonly Passage[],
  ablations: number,
  layout: PlannedLayout,
): SweepBatches {
  const batches = batchesOf(model, passages, ablations, layout);
  const copies = batches.map((batch) => Math.min(layout.spanAblations, batchCopies(model, batch, layout)));
  const { batchTokens: tokens, spanAblations: span, bytes } = layout;
  const [fewest, most] = [copies.reduce((a, b) => Math.min(a, b)), copies.reduce((a, b) => Math.max(a, b))];
  return { tokens, passages: batches.length, copies: [fewest, most], span, bytes };
}

export interface LayoutOptions {
  readonly metric: MetricName;
  readonly positions: PositionsName;
  readonly value: ReplacementName;
  /** Bytes that the sweep may take. Left out: half of the machine's, or as few as it can do with. */
  readonly memory?: number;
  /** Tokens of one forward batch at most. Left out: as many as are of use. */
  readonly batchTokens?: number;
  /** The batches of a sweep that was cut short: it goes on with them. */
  readonly begun?: JournalBatches | null;
}

/** Tokens of a batch that keep a device busy, and copies of a text that make what they share cheap. */
const busyTokens = 4096;
const cheapCopies = 16;
/** Rows of a time step that repay reading a recurrent network's weights: of 64, 128 and 256, 89, 97 and 100 GFLOP/s. */
const busyRows = 192;

/** What the program takes itself: Node and its heap, and freed memory that the device keeps for the next who asks. */
const ownBytes = 224 * 2 ** 20;

/** What the description of one ablation and its results take on the host. */
const ablationBytes = 800;

/**
 * Chooses the largest batches that are of use and fit in memory: what a batch takes is the sum over the plan as it would be
 * recorded, nothing is computed.
 *
 * @param ablations stand for those of the sweep: the same sites and columns
 * @throws ArgumentError where the memory does not suffice for the smallest batches; it says what would
 */
export function chooseLayout(
  model: Model,
  passages: readonly Passage[],
  sites: Units["sites"],
  ablations: readonly Ablation[],
  options: LayoutOptions,
): PlannedLayout {
  const { metric, memory, begun } = options;
  const longest = passages.reduce((most, { ids }) => Math.max(most, ids.length), 0);
  const most = options.batchTokens ?? Math.max(busyTokens, (model.heads === 0 ? busyRows : cheapCopies) * longest);
  const allowed = memory ?? machineBytes() / 2;
  const span = begun?.spanAblations ?? chooseSpan(passages, ablations.length, allowed, metric);
  const fixed = ownBytes + ablations.length * ablationBytes + spanBytesOf(passages, span, metric) + replacementBytes(passages, sites, options.value); // biome-ignore format: one line
  const kinds = kindsOf(model, ablations);
  let last: PlannedLayout | null = null;
  for (const batchTokens of begun ? [begun.batchTokens] : candidates(most, 2 * longest)) {
    const layout = { metric, batchTokens, spanAblations: span };
    const bytes = fixed + batchBytes(model, passages, sites, kinds, { ...layout, ...options, batchTokens });
    last = { ...layout, bytes };
    if (bytes <= allowed) return last;
  }
  if (memory === undefined) return last!;
  throw new ArgumentError(
    "memory",
    begun
      ? `at least ${sizeText(last!.bytes)}, which the batches of the sweep that was cut short take (or begin anew with --force),`
      : `at least ${sizeText(last!.bytes)}, which the smallest batches of this corpus take,`,
    sizeText(memory),
  );
}

/** Tokens of a batch from the most of use down to the fewest: half as many every other time. */
function candidates(most: number, least: number): number[] {
  const all: number[] = [];
  for (let tokens = most; tokens > least; tokens = Math.floor(tokens / Math.SQRT2)) all.push(tokens);
  return all.length === 0 || least < most ? [...all, Math.min(most, least)] : all;
}

/** A span's sums take an eighth of the memory at most. */
function chooseSpan(passages: readonly Passage[], ablations: number, allowed: number, metric: MetricName): number {
  const most = Math.min(spanAblations(passages), Math.max(1, ablations));
  const each = spanBytesOf(passages, most, metric) / most;
  return Math.max(1, Math.min(most, Math.floor(allowed / 8 / each)));
}

/** Bytes that the largest batches of a layout take on the device, and looking at what they change on the host. */
function batchBytes(
  model: Model,
  passages: readonly Passage[],
  sites: Units["sites"],
  kinds: readonly (readonly Ablation[])[],
  options: LayoutOptions & SweepLayout,
): number {
  const count = kinds.reduce((sum, { length }) => sum + length, 0);
  const batches = batchesOf(model, passages, count, options);
  const requests: ForwardRequest[] = [...new Set([batches[0]!, batches.at(-1)!])].flatMap((batch) => {
    const copies = Math.min(batchCopies(model, batch, options), count);
    const read = asLong(batch, options);
    return examples(kinds, copies).map((some) => {
      const request = requestOf(model, read, some, options);
      const { texts: _, ...alone } = request;
      return isWritten(options.metric) ? { ...alone, state: "start" } : request; // texts go on, each by itself
    });
  });
  const zeros = sitesOfZeros(model, sites);
  const long = batches.map((batch) => asLong(batch, options));
  const widest = Math.max(...long.map(({ passages, tokens }) => Math.max(tokens, countRows(passages, zeros))));
  const read = [...(needsRows(options.value) ? [sites] : []), ...sitesByPass(zeros, widest)];
  const all = long.flatMap(({ passages }) => passages);
  for (const own of read) requests.push(rowsRequest(model, rowBatches(all, own, options)[0]!, own));
  const looking = lookingBytes(zeros, widest, options.spanAblations ?? count);
  return looking + Math.max(...requests.map((request) => model.bytesOf?.(request) ?? 0));
}

/** Passages as long as they may become: what is written may be longer than what is right. */
function asLong(batch: PassageBatch, { metric }: SweepLayout): PassageBatch {
  if (!isWritten(metric)) return batch;
  const passages = batch.passages.map(asWritten);
  return { passages, tokens: passages.reduce((sum, { ids }) => sum + ids.length, 0) };
}

/** Ablations by the sites that they change, whatever the layers. */
function kindsOf(model: Model, ablations: readonly Ablation[]): Ablation[][] {
  const kinds = new Map<string, Ablation[]>();
  for (const number of bySite(model, ablations)) {
    const one = ablations[number]!;
    const kind = [...new Set(one.parts.map(({ site }) => site.replace(/\d+/, "N")))].sort().join();
    const own = kinds.get(kind);
    if (own) own.push(one);
    else kinds.set(kind, [one]);
  }
  return [...kinds.values()];
}

/** Batches of as many ablations of every kind: the first, the last, and the one of most columns again and again. */
function examples(kinds: readonly (readonly Ablation[])[], copies: number): Ablation[][] {
  return kinds.flatMap((own) => {
    const largest = own.reduce((best, one) => (columnsOf(one) > columnsOf(best) ? one : best));
    return [own.slice(0, copies), own.slice(-copies), new Array<Ablation>(copies).fill(largest)];
  });
}

function columnsOf({ parts }: Ablation): number {
  return parts.reduce((sum, { columns }) => sum + (columns ? Array.from(columns).length : 0), 0);
}
