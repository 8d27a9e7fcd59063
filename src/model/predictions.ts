import { type Parameter, rowsOf, type Value } from "../device/plan.js";
import { divergenceKernel } from "../kernels/divergence.js";
import { gatherRowsKernel } from "../kernels/gather-rows.js";
import { rowDistanceKernel } from "../kernels/row-distance.js";
import { scatterRowsKernel } from "../kernels/scatter-rows.js";
import { tokenLossKernel } from "../kernels/token-loss.js";
import { isOfPairs, type LossOperands, recordMixedLosses } from "./mixed-linear.js";
import { noteTargets } from "./mixed-norm.js";
import type { BodyOutput, Network, NetworkHead } from "./network.js";
import type { PlanRequest } from "./plan-request.js";
import type { Recording } from "./recording.js";

/**
 * Logits of one piece are at most this many: 26 MB, so that they are still in a third-level cache when their losses are
 * taken. Of GPT-2's 50,257, 126 rows at a time take 768 µs each with their losses, 333 rows 826, 1,008 rows 819 and 16 rows
 * 1,060. A kernel that makes losses without writing logits could save but the 10 µs of reading them.
 */
const pieceElements = 6_400_000;

/** Rows of whole tiles of products, of 14 and of 6 rows. */
const pieceRows = 42;

/** Some of the tokens or sequences that have a target. */
interface Piece {
  readonly first: number;
  readonly count: number;
  readonly rows: Parameter;
}

/** Records what follows the body: the site `logits`, losses, likeliest tokens, and comparisons between sequences. */
export function recordPredictions(run: Recording, network: Network, body: BodyOutput): void {
  if (run.request.compare) recordDistances(run, body.residual);
  if (network.head) recordHead(run, network.head, body.last);
}

function recordHead(run: Recording, head: NetworkHead, last: Value): void {
  const { losses, classifiesSequences } = run.request;
  if (!losses && !run.needs("logits")) return;
  const x = classifiesSequences && !run.readsOnly ? gatherRead(run, last) : last;
  const rows = classifiesSequences ? run.sequences : run.tokens;
  const all = run.needs("logits") ? head.record(run, x, rows) : null;
  if (all && classifiesSequences) run.siteOfSequences("logits", all);
  else if (all) run.site("logits", all);
  if (!losses) return;
  const external = recordOutputs(run, head.width);
  if (head.linear && !all && readsLossesOnly(run) && isOfPairs(run.recorder.descentOf(x))) {
    const every = { first: 0, count: run.request.capacity.targets, rows: run.recorder.parameter("targets") };
    const operands = { ...lossOperands(run, every, external), rows: every.rows };
    recordMixedLosses(run, pieceOf(run, x, every, rows), head.linear, operands);
    return;
  }
  for (const piece of piecesOf(run, head.width)) {
    const logits = all ? gather(run, all, piece, rows) : head.record(run, pieceOf(run, x, piece, rows), piece.rows);
    recordLosses(run, logits, piece, external);
    if (external.logits) keepLogits(run, logits, piece, external.logits);
  }
}

/** Whether nobody looks at the logits of tokens but for their losses and the likeliest. */
function readsLossesOnly({ request: { classifiesSequences, keepLogits, compare } }: Recording): boolean {
  return !classifiesSequences && !keepLogits && !compare;
}

/** Targets of each piece of a plan: its parameter `targets@i` says how many of them a batch has. */
export function pieceSize({ compare, capacity, captured, intervened }: PlanRequest, width: number): number {
  const whole = compare || captured.has("logits") || intervened.has("logits");
  if (whole) return Math.max(1, capacity.targets);
  const rows = pieceElements / width;
  return rows < pieceRows ? Math.max(16, Math.floor(rows)) : Math.floor(rows / pieceRows) * pieceRows;
}

function* piecesOf(run: Recording, width: number): Generator<Piece> {
  const { targets } = run.request.capacity;
  const size = pieceSize(run.request, width);
  for (let first = 0, i = 0; first < targets; first += size, i++) {
    yield { first, count: Math.min(size, targets - first), rows: run.recorder.parameter(`targets@${i}`) };
  }
}

/** The rows that a sequence classifier reads: one per sequence. */
function gatherRead(run: Recording, last: Value): Value {
  const width = last.shape[1]!;
  const out = run.temporary(width, run.request.capacity.sequences);
  const sizes = { rows: run.sequences, width, sourceRows: run.tokens };
  run.recorder.record(gatherRowsKernel, { x: last, index: run.field("readRows"), out }, sizes);
  return out;
}

/** The rows of a piece: where only those that are read are left, they lie as the targets do. */
function pieceOf(run: Recording, x: Value, piece: Piece, sourceRows: Parameter): Value {
  const { classifiesSequences } = run.request;
  return run.readsOnly && !classifiesSequences
    ? rowsOf(x, piece.first, piece.count)
    : gather(run, x, piece, sourceRows);
}

function gather(run: Recording, x: Value, { first, count, rows }: Piece, sourceRows: Parameter): Value {
  const width = x.shape[1]!;
  const out = run.temporary(width, count);
  const index = rowsOf(run.field("targetRows"), first, count);
  run.recorder.record(gatherRowsKernel, { x, index, out }, { rows, width, sourceRows });
  noteTargets(run, x, out, first, (value) => gather(run, value, { first, count, rows }, sourceRows));
  return out;
}

interface Outputs {
  readonly loss: Value;
  readonly best: Value;
  readonly divergence: Value | null;
  readonly logits: Value | null;
}

function recordOutputs({ recorder, request }: Recording, width: number): Outputs {
  const { capacity, compare } = request;
  return {
    loss: recorder.external("losses", "f32", [capacity.targets]),
    best: recorder.external("predictions", "u32", [capacity.targets]),
    divergence: compare ? recorder.external("divergences", "f32", [capacity.targets]) : null,
    logits: request.keepLogits ? recorder.external("target logits", "f32", [capacity.targets, width]) : null,
  };
}

function lossOperands(run: Recording, { first, count }: Piece, { loss, best }: Outputs): LossOperands {
  const part = (value: Value) => rowsOf(value, first, count);
  return { targets: part(run.field("targets")), loss: part(loss), best: part(best) };
}

function recordLosses(run: Recording, logits: Value, piece: Piece, outputs: Outputs): void {
  const { first, count, rows } = piece;
  const width = logits.shape[1]!;
  run.recorder.record(tokenLossKernel, { logits, ...lossOperands(run, piece, outputs) }, { rows, width });
  if (!outputs.divergence) return;
  const [index, out] = [run.field("comparedTargets"), outputs.divergence].map((value) => rowsOf(value, first, count));
  run.recorder.record(divergenceKernel, { before: logits, after: logits, index: index!, out: out! }, { rows, width, sourceRows: rows }); // biome-ignore format: one line
}

function keepLogits(run: Recording, logits: Value, { first, count, rows }: Piece, out: Value): void {
  const index = rowsOf(run.field("targetNumbers"), first, count);
  const sizes = { rows, width: logits.shape[1]!, targetRows: run.recorder.parameter("targets") };
  run.recorder.record(scatterRowsKernel, { x: logits, index, out }, sizes);
}

function recordDistances(run: Recording, residual: Value): void {
  const out = run.recorder.external("distances", "f32", [run.request.capacity.tokens]);
  run.recorder.record(
    rowDistanceKernel,
    { before: residual, after: residual, index: run.field("comparedRows"), out },
    { rows: run.tokens, width: residual.shape[1]!, sourceRows: run.tokens },
  );
}
