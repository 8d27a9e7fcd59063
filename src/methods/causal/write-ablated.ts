import { generate } from "../../model/generate.js";
import { type Model, NO_TARGET } from "../../model/model.js";
import { isSourceSite } from "../../model/stacks.js";
import type { PositionsName } from "./ablated-rows.js";
import { type Ablation, interventionsOf, requestOf } from "./measure-batch.js";
import { rests } from "./resting-copies.js";
import type { SweepJob } from "./sweep-jobs.js";
import { asWritten } from "./written-passages.js";

type Job = Pick<SweepJob, "batch" | "changed" | "room">;

/** A text that is not known to be the untouched model's, from some token on. */
interface Branch {
  /** The number of its ablation. */
  readonly copy: number;
  /** The place of its passage in the batch. */
  readonly place: number;
  /** The ids that it begins with. */
  readonly begun: Uint32Array;
}

interface Branches {
  readonly branches: readonly Branch[];
  readonly operations: number;
}

/**
 * What an encoder-decoder writes with each of some ablations, which are there at every step; the likeliest token follows.
 *
 * Where a decoder's neurons are ablated, all copies first read in one pass what the untouched model writes: a copy that
 * would choose each of these tokens too writes the same text. The others are gone on with from the first token that they
 * choose otherwise. Where what is made of the sources changes, texts are written from their beginning.
 *
 * @returns ablations × passages texts, and multiplications and additions; of the untouched model where there is no ablation
 */
export async function writeAblated(model: Model, job: Job, ablations: readonly Ablation[], positions: PositionsName) {
  const { passages } = job.batch;
  const copies = Array.from({ length: Math.max(1, ablations.length) }, (_, copy) => copy);
  const texts = copies.flatMap(() => passages.map(({ written }) => written!.untouched!));
  const ofSources = ablations.some(({ parts }) => parts.some(({ site }) => isSourceSite(site)));
  const found = ofSources ? wholeTexts(job, ablations) : await findBranches(model, job, ablations, positions);
  let { operations } = found;
  const most = job.room * passages.length;
  for (let start = 0; start < found.branches.length; start += most) {
    const some = found.branches.slice(start, start + most);
    const written = await writeOn(model, job, ablations, some, positions);
    for (const [i, { copy, place }] of some.entries()) texts[copy * passages.length + place] = written.texts[i]!;
    operations += written.operations;
  }
  return { texts, operations };
}

/** Every text in which something changes, from its beginning. */
function wholeTexts({ batch: { passages, tokens }, changed }: Job, ablations: readonly Ablation[]): Branches {
  const begun = new Uint32Array(0);
  const branches = ablations.flatMap((_, copy) => {
    let start = copy * tokens;
    return passages.flatMap(({ ids }, place) => {
      const known = changed !== null && rests(changed, start, ids.length);
      start += ids.length;
      return known ? [] : [{ copy, place, begun }];
    });
  });
  return { branches, operations: 0 };
}

/** Reads what the untouched model writes with each ablation: texts branch off at the first token that is chosen otherwise. */
async function findBranches(
  model: Model,
  { batch, changed }: Job,
  ablations: readonly Ablation[],
  positions: PositionsName,
): Promise<Branches> {
  if (ablations.length === 0) return { branches: [], operations: 0 };
  using forward = model.forward(requestOf(model, batch, ablations, { metric: "exact-match", positions }, changed));
  const likeliest = await forward.predictions();
  let start = 0;
  const branches = ablations.flatMap((_, copy) =>
    batch.passages.flatMap(({ targets }, place) => {
      const chosen = likeliest.subarray(start, start + targets.length);
      start += targets.length;
      const token = targets.findIndex((id, t) => id !== NO_TARGET && id !== chosen[t]);
      return token < 0 ? [] : [{ copy, place, begun: Uint32Array.of(...targets.subarray(0, token), chosen[token]!) }];
    }),
  );
  return { branches, operations: forward.operations };
}

/** Goes on with some texts, which stand copy by copy, to their ends. */
async function writeOn(
  model: Model,
  { batch: { passages } }: Job,
  ablations: readonly Ablation[],
  branches: readonly Branch[],
  positions: PositionsName,
) {
  const own = branches.map(({ place }) => passages[place]!);
  const long = own.map(asWritten);
  const interventions = ablations.flatMap((ablation, copy) => {
    const first = branches.findIndex((branch) => branch.copy === copy);
    const end = branches.findLastIndex((branch) => branch.copy === copy) + 1;
    return first < 0 ? [] : interventionsOf(ablation, long.slice(first, end), first, positions);
  });
  let operations = 0;
  const written = await generate(
    model,
    own.map(({ source }) => source!.ids),
    {
      tokens: own[0]!.written!.most,
      identities: Uint32Array.from(own, ({ sentence }) => sentence),
      begun: branches.map(({ begun }) => begun),
      interventions,
    },
    { onOperations: (count) => (operations = count) },
  );
  return { texts: written.map(({ text }) => text), operations };
}
