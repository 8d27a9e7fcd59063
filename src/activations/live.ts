import { ArgumentError } from "../core/errors.js";
import type { Site } from "../core/sites.js";
import { checkKnown } from "../core/suggest.js";
import type { Corpus } from "../corpus/corpus.js";
import type { RowKind, RowTable } from "../corpus/rows.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import type { Forward, Model } from "../model/model.js";
import { selectSites } from "../model/sites.js";
import { type Chunk, formChunks } from "./live-chunk.js";
import { type LiveRows, planRows, type RowOptions } from "./live-rows.js";
import { type RowStack, stackOf } from "./live-stack.js";
import { PooledBlock, type Reduction } from "./pooled-block.js";
import type { ActivationSource, Block, BlockOptions, SourceProvenance } from "./source.js";

/** What is taken of a live model. */
export interface ActivationOptions extends Partial<RowOptions> {
  /** Names, globs and ranges: `layers.*.residual`, `layers.0-3.mlp.hidden`. */
  readonly sites: string | readonly string[];
  /** Tokens that go through the model at once, on average. Default 2,048. */
  readonly batchTokens?: number;
}

/**
 * Bytes of token activations that are held at once, and rows after which a chunk ends. Chunks do not depend on the
 * blocks that are asked for, so that a row has the same numbers in every pass.
 */
const chunkBytes = 1 << 26;
const chunkRows = 4096;

const choices = {
  rows: ["token", "word", "sentence"],
  pool: ["first", "last", "mean", "max", "cls"],
  specialTokens: ["leave", "keep"],
  long: ["refuse", "windows"],
  missing: ["refuse", "zero"],
  unknown: ["refuse", "skip", "zero"],
} as const satisfies { [Name in keyof RowOptions]: readonly RowOptions[Name][] };

/**
 * The activations of a model over a corpus, computed anew whenever they are read. The corpus is tokenised at once;
 * words are pooled by their last token and sentences by their maximum unless `pool` says otherwise.
 *
 * @throws ArgumentError for an unknown option or site, and for what the options of `RowOptions` refuse
 */
export async function activations(model: Model, corpus: Corpus, options: ActivationOptions): Promise<ActivationSource> {
  const rowOptions = checkOptions(options);
  if (rowOptions.unknown === "zero" && model.tokenizer.kind !== "words") {
    throw new ArgumentError("unknown", "refuse or skip for a model whose tokens are no words", "zero");
  }
  const sites = chooseSites(model, options.sites, rowOptions.rows);
  const batchTokens = options.batchTokens ?? 2048;
  if (!Number.isInteger(batchTokens) || batchTokens < 1) {
    throw new ArgumentError("batchTokens", "a positive integer", batchTokens);
  }
  const stack = stackOf(model, sites.map(({ name }) => name)); // biome-ignore format: one line
  const plan = await planRows(model, corpus, stack, rowOptions);
  return new LiveSource(model, corpus, sites, rowOptions, plan, stack, batchTokens);
}

function checkOptions(options: ActivationOptions): RowOptions {
  const known = [...Object.keys(choices), "sites", "batchTokens"];
  for (const name of Object.keys(options)) checkKnown("options", name, known);
  const choose = <Choice extends string>(name: keyof RowOptions, known: readonly Choice[], usual: Choice): Choice =>
    checkKnown(name, options[name] ?? usual, known as readonly string[]) as Choice;
  const rows = choose("rows", choices.rows, "token");
  const pool = choose("pool", choices.pool, rows === "sentence" ? "max" : "last");
  if (rows === "token" && options.pool) throw new ArgumentError("pool", "nothing for token rows", pool);
  if (rows === "word" && pool === "cls")
    throw new ArgumentError("pool", "first, last, mean or max for word rows", pool);
  return {
    rows,
    pool,
    specialTokens: choose("specialTokens", choices.specialTokens, "leave"),
    long: choose("long", choices.long, "refuse"),
    missing: choose("missing", choices.missing, "refuse"),
    unknown: choose("unknown", choices.unknown, "refuse"),
  };
}

/**
 * Globs skip the sites whose rows are sequences where rows are no sentences, and those of a decoder whose rows are
 * tokens of the sources.
 */
function chooseSites(model: Model, selector: ActivationOptions["sites"], rows: RowKind): Site[] {
  const chosen = typeof selector === "string" ? selector.split(",").map((part) => part.trim()) : selector;
  const skipped = model.sites.filter(
    (site) => site.rows === "source" || (site.rows === "sequence" && rows !== "sentence"),
  );
  const refused = skipped.find(({ name }) => chosen.includes(name));
  if (refused?.rows === "sequence") {
    throw new ArgumentError("rows", `sentence for ${refused.name}, which has one row per sequence`, rows);
  }
  if (refused) throw new ArgumentError("sites", "sites whose rows are tokens of their own stack", refused.name);
  return selectSites(
    model.sites.filter((site) => !skipped.includes(site)),
    selector,
  );
}

class LiveSource implements ActivationSource {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly table: RowTable;
  readonly options: Readonly<Record<string, unknown>>;
  readonly reduction: Reduction;

  constructor(
    readonly model: Model,
    readonly corpus: Corpus,
    readonly sites: readonly Site[],
    rowOptions: RowOptions,
    readonly plan: LiveRows,
    readonly stack: RowStack,
    readonly batchTokens: number,
  ) {
    const { rows, pool, ...others } = rowOptions;
    this.name = model.name;
    this.options = { rows, ...(rows !== "token" && { pool }), ...others, ...corpus.options };
    this.reduction = pool === "mean" || pool === "max" ? pool : "first";
    this.table = plan.table;
    this.rows = plan.table.rows;
    this.columns = sites.reduce((sum, { width }) => sum + width, 0);
  }

  get device(): Device {
    return this.model.device;
  }

  async *blocks({ blockRows = chunkRows, firstRow = 0, signal }: BlockOptions = {}): AsyncGenerator<Block> {
    if (!Number.isInteger(blockRows) || blockRows < 1) {
      throw new ArgumentError("blockRows", "a positive integer", blockRows);
    }
    const { device } = this.model;
    const chunkTokens = Math.max(1, Math.floor(chunkBytes / (4 * this.columns)));
    for (const chunk of formChunks(this.plan.units, { chunkTokens, chunkRows, batchTokens: this.batchTokens })) {
      const rows = chunk.offsets.length - 1;
      const skipped = Math.max(0, firstRow - chunk.firstRow);
      if (skipped >= rows) continue;
      using tokens = device.allocate(Math.max(1, chunk.tokens) * this.columns * 4);
      await this.#read(chunk, tokens, signal);
      const from = { device, tokens, chunk, columns: this.columns, reduction: this.reduction };
      for (let start = skipped; start < rows; start += blockRows) {
        signal?.throwIfAborted();
        yield new PooledBlock(from, start, Math.min(blockRows, rows - start));
      }
    }
  }

  /** Runs a chunk's batches, at most two under way, each into its rows of the matrix of tokens. */
  async #read(chunk: Chunk, buffer: DeviceBuffer, signal?: AbortSignal): Promise<void> {
    let row = 0;
    let last = Promise.resolve();
    try {
      for (const batch of chunk.batches) {
        signal?.throwIfAborted();
        const before = last;
        const read = this.stack === "encoder" ? { sequences: [], sources: batch.sequences } : batch;
        const forward = this.model.forward({ ...read, capture: { sites: this.sites, into: { buffer, row } } });
        row += batch.sequences.reduce((tokens, { length }) => tokens + length, 0);
        last = finish(forward);
        last.catch(() => {}); // it is awaited below
        await before;
      }
    } finally {
      await last;
    }
  }

  async provenance(): Promise<SourceProvenance> {
    return { model: await this.model.fingerprint(), corpus: this.corpus.fingerprint, activations: null };
  }
}

async function finish(forward: Forward): Promise<void> {
  using finished = forward;
  await finished.done;
}
