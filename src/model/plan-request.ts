import { entryWords } from "../kernels/intervene.js";
import type { Capacity } from "./capacity.js";
import type { Pooling } from "./model.js";
import type { Recurrence } from "./network.js";

/** What one plan does, besides running the network: plans are cached by this. */
export interface PlanRequest {
  readonly capacity: Capacity;
  /** Captured site → its first column in the matrix. */
  readonly captured: ReadonlyMap<string, number>;
  /** Columns of the captured matrix. */
  readonly columns: number;
  readonly pooling: Pooling;
  readonly intervened: ReadonlySet<string>;
  /** Sites of attention scores that are kept. */
  readonly scores: ReadonlySet<string>;
  /** Columns per head of attention scores; 0 where nobody looks at them. */
  readonly span: number;
  readonly losses: boolean;
  readonly compare: boolean;
  /** Whether the logits of what has a target are kept. */
  readonly keepLogits: boolean;
  /** Whether an encoder stands before the network that predicts, which is then a decoder. */
  readonly encoded: boolean;
  /** Logits, targets and losses are of sequences instead of tokens. */
  readonly classifiesSequences: boolean;
  /** Columns of the angles that come with each batch; 0 where none do. */
  readonly angles: number;
  /** Recurrent networks: rows lie by time step. */
  readonly recurrence: Recurrence | null;
  /** The encoder's. */
  readonly encoderRecurrence: Recurrence | null;
  /** Whether the texts go on in another batch: recurrent states, or keys and values, are kept. */
  readonly keepState: boolean;
  /** Whether keys and values of an earlier batch are there; an encoder then has nothing more to read. */
  readonly continues: boolean;
  /** Recurrent networks: whether the texts go on from a state. */
  readonly given: boolean;
  /** Recurrent networks: whether copies of a text part behind its beginning, so that states move between places. */
  readonly parted: boolean;
  /** Other networks: whether copies have keys among the rows that they share with others. */
  readonly sharesRows: boolean;
  /** The site up to which the copies of a text are one; null where the batch holds no copies. */
  readonly forkedAt: string | null;
  /** Sites behind it at which more copies go their own ways, in order; before they do, they have no rows of their own. */
  readonly joinsAt: readonly string[];
  /** Whether copies differ from their texts in few columns of that site. */
  readonly fewChanged: boolean;
  /**
   * How many columns of a row change at most, where there are few of them and few texts for so many rows, so that what
   * linear maps make of the copies is made of what they make of those; else null.
   */
  readonly closedForm: "one" | "several" | null;
  /** The site behind which only those rows go on that the head reads; null: all do. */
  readonly readAt: string | null;
}

/** Texts and those of their copies that have gone their own ways, before the others join: one behind the other. */
export type JoinedStage = `joined ${number}`;

/** What rows are of, stage after stage: texts, some of their copies and at last all, and what the head reads of them. */
export type Stage = "texts" | JoinedStage | "copies" | "read";

/** Whether some copies have not gone their own ways yet. */
export function isBeforeCopies(stage: Stage): stage is "texts" | JoinedStage {
  return stage !== "copies" && stage !== "read";
}

/** The stages at which some copies have no rows of their own, and others have. */
export function joinedStages({ joinsAt }: Pick<PlanRequest, "joinsAt">): JoinedStage[] {
  return joinsAt.map((_, number) => `joined ${number}` as const);
}

/** The stage that begins where the next copies go their own ways. */
export function stageBehind(stage: Stage, request: PlanRequest): Stage {
  const stages: Stage[] = ["texts", ...joinedStages(request), "copies"];
  return stages[stages.indexOf(stage) + 1]!;
}

/** A request with the capacities of a stage. */
export function inStage(request: PlanRequest, stage: Stage): PlanRequest {
  const { capacity, classifiesSequences } = request;
  if (isBeforeCopies(stage) && stage !== "texts") return { ...request, sharesRows: true };
  switch (stage) {
    case "texts":
      return { ...request, given: false, parted: false, sharesRows: false, capacity: { ...capacity, tokens: capacity.textTokens, sequences: capacity.texts } }; // biome-ignore format: one line
    case "copies":
      return request;
    case "read":
      return { ...request, capacity: { ...capacity, tokens: classifiesSequences ? capacity.sequences : capacity.targets } }; // biome-ignore format: one line
    default:
      return stage satisfies never;
  }
}

/** What the sites of a stack begin with. */
export type Stack = "" | "encoder." | "decoder.";

/** The name of a parameter or field: what belongs to the encoder is the source's. */
export function inStack(stack: Stack, name: string): string {
  return stack === "encoder." ? `source ${name}` : name;
}

/** A request as one stack sees it: with its own sites and tokens. */
export function requestOf(request: PlanRequest, stack: Stack): PlanRequest {
  const { capacity, captured, intervened, scores, forkedAt, joinsAt } = request;
  const short = (site: string) => (site.startsWith(stack) ? site.slice(stack.length) : site);
  const own = (sites: Iterable<string>) =>
    [...sites].filter((site) => site.startsWith(stack)).map((site) => site.slice(stack.length));
  const { sourceTokens: tokens, sources: sequences, longestSource: longest } = capacity;
  const { encoderRecurrence: recurrence } = request;
  return {
    ...request,
    captured: new Map(own(captured.keys()).map((site) => [site, captured.get(stack + site)!])),
    intervened: new Set(own(intervened)),
    scores: new Set(own(scores)),
    forkedAt: forkedAt && short(forkedAt),
    joinsAt: joinsAt.map(short),
    ...(stack === "encoder." && {
      capacity: { ...capacity, tokens, sequences, longest },
      recurrence,
      keepState: false,
      given: false,
      parted: false,
      sharesRows: false,
    }),
  };
}

/** The whole numbers that come with a batch, and how many of each a plan has room for. */
export function fieldsOf(request: PlanRequest): Record<string, number> {
  const { capacity, encoded, recurrence, losses, compare, captured, classifiesSequences, keepState, angles } = request;
  const { tokens, sequences, runs, sourceTokens, sources, rows, targets, entries, listed } = capacity;
  return {
    ids: tokens,
    positions: tokens,
    types: tokens,
    offsets: runs + 1,
    ...(request.sharesRows && { keyRanges: 4 * runs }),
    ...(encoded && { "source ids": sourceTokens, "source positions": sourceTokens, "source types": sourceTokens }),
    ...(encoded && { "source offsets": sources + 1, sourceRanges: 4 * runs }),
    ...(request.forkedAt !== null && fieldsOfTexts(request)),
    ...(keepState && !recurrence && { cacheRows: tokens, cacheRanges: 4 * sequences, sourceCacheRows: sourceTokens }),
    ...(captured.size > 0 && { poolStarts: rows, poolEnds: rows }),
    ...(classifiesSequences && { readRows: sequences, rowSequences: rows }),
    ...(angles > 0 && { angles: tokens * angles, angleRows: tokens }),
    ...(recurrence && { rowOfToken: tokens, ranks: sequences, stateRows: sequences * stateBlocks(recurrence) }),
    ...(recurrence && encoded && recurrentSourceFields(request)),
    ...(recurrence?.directions === 2 && { reversal: tokens, reversedRowOfToken: tokens }),
    ...(request.parted && { parents: tokens }),
    ...(losses && { targets, targetRows: targets }),
    ...(request.keepLogits && { targetNumbers: targets }),
    ...(losses && compare && { comparedTargets: targets }),
    ...(compare && { comparedRows: tokens }),
    entries: 2 * entries * entryWords, // a site's window starts at its first entry
    listed,
  };
}

/** What the texts are read by before their copies go their own ways. */
function fieldsOfTexts(request: PlanRequest): Record<string, number> {
  const { capacity, angles, encoded, recurrence, readAt, classifiesSequences } = request;
  const { tokens, sequences, textTokens, texts, targets } = capacity;
  return {
    "texts ids": textTokens,
    "texts positions": textTokens,
    "texts types": textTokens,
    "texts offsets": texts + 1,
    ...(angles > 0 && { "texts angles": textTokens * angles, "texts angleRows": textTokens }),
    ...(encoded && { "texts sourceRanges": 4 * texts }),
    ...(recurrence && { "texts stateRows": texts * stateBlocks(recurrence) }),
    ...(recurrence?.directions === 2 && { "texts reversal": textTokens }),
    rowsBefore: tokens,
    ...Object.fromEntries(joinedStages(request).flatMap((stage) => fieldsOfJoined(stage, request))),
    ...(capacity.headEntries > 0 && { headEntries: capacity.headEntries * entryWords }),
    ...(request.closedForm && { neurons: capacity.neurons }),
    ...(request.closedForm === "one" && {
      mixRows: 2 * Math.max(tokens, targets),
      targetMixRows: 2 * targets,
    }),
    ...(request.closedForm === "several" && { targetTextRows: targets }),
    ...(readAt !== null && { readTextRows: classifiesSequences ? sequences : targets }),
  };
}

/** What attention reads by where only some copies have rows of their own, and where the rows come from. */
function fieldsOfJoined(stage: JoinedStage, { capacity, angles, encoded }: PlanRequest): [string, number][] {
  const { tokens, runs } = capacity;
  const fields = {
    positions: tokens,
    types: tokens,
    offsets: runs + 1,
    keyRanges: 4 * runs,
    ...(angles > 0 && { angles: tokens * angles, angleRows: tokens }),
    ...(encoded && { sourceRanges: 4 * runs }),
    rowsBefore: tokens,
  };
  return Object.entries(fields).map(([name, count]) => [`${stage} ${name}`, count]);
}

/** What ties the steps of a recurrent decoder to its encoder's. */
function recurrentSourceFields({ capacity, encoderRecurrence, keepState }: PlanRequest): Record<string, number> {
  const { sequences, sources, sourceTokens } = capacity;
  return {
    "source rowOfToken": sourceTokens,
    "source reversal": sourceTokens,
    "source reversedRowOfToken": sourceTokens,
    "source ranks": sources,
    "source stateRows": sources * stateBlocks(encoderRecurrence!),
    encoderStates: sequences,
    rankOffsets: sequences + 1,
    rankRanges: 4 * sequences,
    ...(keepState && { sourceCacheRows: sourceTokens, lastRows: sequences }),
  };
}

/** Vectors per sequence that a recurrent state has. */
export function stateBlocks({ layers, vectors, feeding }: Recurrence): number {
  return layers * vectors + (feeding ? 1 : 0);
}
