import type { Progress } from "../core/progress.js";
import { formBatches } from "../corpus/batches.js";
import { type Model, NO_TARGET, type TextState } from "../model/model.js";
import type { Question } from "./question.js";

/** What a model answered, in sums. */
export interface Score {
  /** Σ −ln p of the right answers. */
  readonly nats: number;
  /** Answers whose likeliest was right. */
  readonly right: number;
  readonly count: number;
  readonly bytes: number;
  /** How often each id or class was right: the most frequent one is the baseline of accuracy. */
  readonly answers: ReadonlyMap<number, number>;
}

export interface ScoreOptions extends Progress {
  /** Tokens of a batch at most, or one longer sequence. Default 2,048. */
  readonly batchTokens?: number;
}

/** Asks a model questions, each alone; two batches are under way at a time. */
export async function score(model: Model, questions: readonly Question[], options: ScoreOptions = {}): Promise<Score> {
  const { batchTokens = 2048, signal, onProgress } = options;
  const sums = new Sums();
  let pending = Promise.resolve();
  let done = 0;
  const lengths = questions.map(({ ids, source }) => ids.length + (source?.length ?? 0));
  for (const batch of formBatches(lengths, batchTokens)) {
    signal?.throwIfAborted();
    const before = pending;
    const asked = batch.map((number) => questions[number]!);
    const answered = ask(model, asked);
    pending = before.then(async () => {
      sums.add(asked, await answered);
      done += asked.length;
      onProgress?.(done, questions.length, "sentences");
    });
    for (const work of [answered, pending]) work.catch(() => {}); // awaited by the next, or below
    await before;
  }
  await pending;
  return sums;
}

/**
 * Asks a recurrent model each question as one text, whose state is carried on from piece to piece.
 *
 * @throws ArgumentError for a model that is not recurrent
 */
export async function scoreStream(
  model: Model,
  questions: readonly Question[],
  { batchTokens = 2048, signal, onProgress }: ScoreOptions = {},
): Promise<Score> {
  const sums = new Sums();
  const total = questions.reduce((sum, { ids }) => sum + ids.length, 0);
  let done = 0;
  for (const { ids, targets, bytes } of questions) {
    let state: TextState | "start" = "start";
    for (let start = 0; start < ids.length; start += batchTokens) {
      signal?.throwIfAborted();
      const part = (values: Uint32Array) => values.subarray(start, start + batchTokens);
      const piece: Question = { ids: part(ids), targets: part(targets), bytes: start === 0 ? bytes : 0 };
      using forward = model.forward({ sequences: [piece.ids], targets: piece.targets, state });
      sums.add([piece], { losses: await forward.losses(), predictions: await forward.predictions() });
      if (state !== "start") state[Symbol.dispose]();
      state = forward.state!;
      done += piece.ids.length;
      onProgress?.(done, total, "tokens");
    }
    if (state !== "start") state[Symbol.dispose]();
  }
  return sums;
}

interface Answers {
  readonly losses: Float32Array;
  readonly predictions: Uint32Array;
}

async function ask(model: Model, questions: readonly Question[]): Promise<Answers> {
  const sources = questions.flatMap(({ source }) => (source ? [source] : []));
  using forward = model.forward({
    ...(sources.length > 0 && { sources }),
    sequences: questions.map(({ ids }) => ids),
    targets: Uint32Array.from(questions.flatMap(({ targets }) => Array.from(targets))),
  });
  return { losses: await forward.losses(), predictions: await forward.predictions() };
}

class Sums implements Score {
  nats = 0;
  right = 0;
  count = 0;
  bytes = 0;
  readonly answers = new Map<number, number>();

  add(questions: readonly Question[], { losses, predictions }: Answers): void {
    let at = 0;
    for (const { targets, bytes } of questions) {
      this.bytes += bytes;
      for (const target of targets) {
        if (target !== NO_TARGET) {
          this.nats += losses[at]!;
          this.right += Number(predictions[at] === target);
          this.count++;
          this.answers.set(target, (this.answers.get(target) ?? 0) + 1);
        }
        at++;
      }
    }
  }
}
