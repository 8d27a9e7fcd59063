import type { Model } from "../../model/model.js";
import { groupPassages, type PassageBatch } from "./batches.js";
import { bootstrapResamples } from "./bootstrap.js";
import { type ChangedPositions, type ChangedPositionsOptions, findChangedPositions } from "./changed-positions.js";
import type { Ablation } from "./measure-batch.js";
import { comparesBaseline, isWritten, type MetricName, numbersOf } from "./metric.js";
import type { Passage } from "./passages.js";
import { type Cut, cutByRows, restingPlaces } from "./resting-copies.js";
import { writeUntouched } from "./written-passages.js";

/** A forward batch: passages and some ablations of a span, which stand at `places` of it; the untouched model at 0. */
export interface SweepJob extends Cut {
  readonly batch: PassageBatch;
  readonly span: Span;
  /** Places of ablations that change nothing of these passages: their sums are those of the untouched model. */
  readonly resting: Uint32Array;
  /** Copies of the passages that a batch has room for where each has rows of its own. */
  readonly room: number;
  /** Multiplications and additions that it took to find out what is read, or what changes of it. */
  readonly looking: number;
  /** Whether it is the last one of its span. */
  readonly closes: boolean;
}

/** Ablations that go through all passages before the next ones do: their batches are of a few kinds. */
export interface Span {
  /** The numbers of the ablations; none for the untouched model. */
  readonly numbers: Uint32Array;
}

/** How a sweep is cut into forward batches. */
export interface SweepLayout {
  readonly metric: MetricName;
  /** Tokens of one forward batch, copies included. */
  readonly batchTokens: number;
  /** Ablations of a span; left out: 1,024, or fewer where there are many passages. */
  readonly spanAblations?: number;
}

const mostSpanAblations = 1024;

/** Bytes of the sums over each sentence that a span holds. */
const spanBytes = 1 << 26;

/** Ablations of a span unless there is little memory. */
export function spanAblations(passages: readonly Passage[]): number {
  return Math.max(1, Math.min(mostSpanAblations, Math.floor(spanBytes / (8 * passages.length))));
}

/** Bytes that a span takes: sums over each sentence and their changes, and the means of the resamples. */
export function spanBytesOf(passages: readonly Passage[], ablations: number, metric: MetricName): number {
  const kinds = (passages.some(({ focus }) => focus) ? 2 : 1) * numbersOf(metric);
  return ablations * 8 * (2 * kinds * passages.length + numbersOf(metric) * bootstrapResamples);
}

/** How a sweep is cut, and where its ablations are. */
export type JobOptions = SweepLayout &
  Pick<ChangedPositionsOptions, "positions"> & { readonly signal?: AbortSignal | undefined };

/** Passages that are read together, and the copies of them that a batch has room for. */
interface Readable {
  readonly batch: PassageBatch;
  readonly room: number;
}

/** All batches of a sweep in their order: those of the untouched model, then span by span. */
export async function* sweepJobs(
  model: Model,
  passages: readonly Passage[],
  ablations: readonly Ablation[],
  layout: JobOptions,
): AsyncGenerator<SweepJob> {
  const given = batchesOf(model, passages, ablations.length, layout);
  const order = bySite(model, ablations);
  const batches: Readable[] = [];
  for (const own of given) {
    const { batch, operations } = await readableOf(model, own, layout);
    batches.push({ batch, room: batchCopies(model, own, layout) });
    yield untouchedJob(batches.at(-1)!, operations, own === given.at(-1));
  }
  const length = layout.spanAblations ?? spanAblations(passages);
  for (let start = 0; start < order.length; start += length) {
    const span = { numbers: order.subarray(start, start + length) };
    const own = Array.from(span.numbers, (number) => ablations[number]!);
    yield* spanJobs(model, batches, { span, ablations: own }, layout);
  }
}

/** The passages as they are read: of what is to be written, what the untouched model writes. */
async function readableOf(model: Model, batch: PassageBatch, { metric, signal }: JobOptions) {
  return isWritten(metric) ? await writeUntouched(model, batch, signal) : { batch, operations: 0 };
}

function untouchedJob(read: Readable, looking: number, closes: boolean): SweepJob {
  const [places, none] = [Uint32Array.of(0), new Uint32Array(0)];
  return { ...read, span: { numbers: none }, places, changed: null, resting: none, looking, closes };
}

/** The batches of a span. What changes in the next passages is looked for while these are measured. */
async function* spanJobs(
  model: Model,
  batches: readonly Readable[],
  { span, ablations }: { readonly span: Span; readonly ablations: readonly Ablation[] },
  layout: JobOptions,
): AsyncGenerator<SweepJob> {
  const look = (read: Readable | undefined) => {
    const found = read ? findChangedPositions(model, read.batch, ablations, layout) : Promise.resolve(null);
    found.catch(() => {}); // awaited when its turn comes
    return found;
  };
  let next = look(batches[0]);
  for (const [i, { batch, room }] of batches.entries()) {
    const found = await next;
    next = look(batches[i + 1]);
    const cuts = cutsOf(model, { batch, room }, found, ablations.length);
    const resting = found ? restingPlaces(found.changed, batch.tokens) : new Uint32Array(0);
    for (const [n, cut] of cuts.entries()) {
      const first =
        n === 0 ? { resting, looking: found?.operations ?? 0 } : { resting: new Uint32Array(0), looking: 0 };
      yield { ...cut, ...first, batch, room, span, closes: i === batches.length - 1 && n === cuts.length - 1 };
    }
  }
}

/** The ablations of each batch over some passages; an empty one where all of them change nothing. */
function cutsOf(model: Model, { batch, room: copies }: Readable, found: ChangedPositions | null, count: number): Cut[] {
  if (found) {
    const cuts = [...cutByRows(model, batch, found.changed, copies)];
    return cuts.length > 0 ? cuts : [{ places: new Uint32Array(0), changed: found.changed.subarray(0, 0) }];
  }
  return Array.from({ length: Math.ceil(count / copies) }, (_, n) => {
    const length = Math.min(copies, count - n * copies);
    return { places: Uint32Array.from({ length }, (_, i) => n * copies + i), changed: null };
  });
}

/** Ablated copies of the passages that a batch has room for, one at least. */
export function batchCopies(model: Model, { tokens }: PassageBatch, layout: SweepLayout): number {
  return Math.max(1, Math.floor(batchBudget(model, layout) / tokens) - comparesBaseline(layout.metric));
}

/** The passages of each forward batch, with room for copies of them: most of a batch should be copies. */
export function batchesOf(
  model: Model,
  passages: readonly Passage[],
  ablations: number,
  layout: SweepLayout,
): PassageBatch[] {
  const copies = Math.max(1, Math.min(32, ablations + comparesBaseline(layout.metric)));
  return groupPassages(passages, Math.max(1, Math.floor(batchBudget(model, layout) / copies)));
}

/** Bytes of logits that are held at once: KL needs those of all tokens of a batch. */
const logitBytes = 1 << 28;

/** Tokens of one batch. */
function batchBudget({ vocabulary }: Model, { metric, batchTokens }: SweepLayout): number {
  return metric === "kl" ? Math.min(batchTokens, Math.floor(logitBytes / (4 * vocabulary))) : batchTokens;
}

/** The numbers of ablations in the order of the first site that each changes, so that a batch begins as late as it can. */
export function bySite(model: Model, ablations: readonly Ablation[]): Uint32Array {
  const places = new Map(model.sites.map(({ name }, place) => [name, place]));
  const first = ablations.map((ablation) => places.get(firstSite(model, ablation)) ?? Number.POSITIVE_INFINITY);
  return Uint32Array.from(ablations.keys()).sort((a, b) => first[a]! - first[b]! || a - b);
}

/** The first site that an ablation changes, in the model's order; nothing for one that changes none. */
export function firstSite({ sites }: Model, { parts }: Ablation): string {
  if (parts.length === 1) return parts[0]!.site;
  const changed = new Set(parts.map(({ site }) => site));
  return sites.find(({ name }) => changed.has(name))?.name ?? "";
}
