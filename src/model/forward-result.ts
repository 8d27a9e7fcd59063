import { ArgumentError } from "../core/errors.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import { type Batch, lengthOf } from "./batch.js";
import type { CapturedMatrix, Forward, ForwardRequest, PooledRows, TextState } from "./model.js";
import { classifiesSequences, type Network } from "./network.js";
import { type PlanRequest, stateBlocks } from "./plan-request.js";
import { DeviceState } from "./recurrent-state.js";
import { isSourceSite, placeOf, type StackBatches } from "./stacks.js";
import type { Targeted } from "./targeted.js";

/** What a result knows of its batch. */
export interface Running extends StackBatches {
  readonly request: ForwardRequest;
  readonly pooled: PooledRows;
  readonly targeted: Targeted;
  readonly plan: PlanRequest;
}

/** Counts multiplications and additions: all, and those that hang on texts alone. */
type Count = () => { readonly all: number; readonly ofTexts: number };

/** The outcome of one batch: it owns the memory that the plan writes. */
export class ForwardResult implements Forward {
  readonly #own = new Map<string, DeviceBuffer>();
  readonly captured: CapturedMatrix | null;
  readonly state: TextState | null;
  done: Promise<void> = Promise.resolve();
  #count: Count = () => ({ all: 0, ofTexts: 0 });

  constructor(
    readonly device: Device,
    readonly network: Network,
    readonly running: Running,
  ) {
    const { plan, batch } = running;
    const { targets, tokens } = plan.capacity;
    if (plan.losses) {
      this.#allocate("losses", targets);
      this.#allocate("predictions", targets);
      if (plan.compare) this.#allocate("divergences", targets);
      if (plan.keepLogits) this.#allocate("target logits", running.targeted.read.length * (network.head?.width ?? 0));
    }
    if (plan.compare) this.#allocate("distances", tokens);
    for (const site of plan.scores) {
      const rows = isSourceSite(site) ? plan.capacity.sourceTokens : tokens;
      this.#allocate(site, rows * placeOf(site, network, running)!.heads * plan.span);
    }
    this.captured = this.#capture();
    this.state = this.#makeState(batch);
  }

  /** What the plan writes, by its names. */
  get buffers(): Record<string, DeviceBuffer> {
    const matrix = this.captured && { captured: this.captured.buffer };
    const next = this.state instanceof DeviceState && { "next state": this.state.buffer };
    return { ...Object.fromEntries(this.#own), ...matrix, ...next };
  }

  get tokens(): number {
    return this.running.batch.tokens;
  }

  get starts(): Uint32Array {
    return this.running.batch.starts;
  }

  get operations(): number {
    return this.#count().all;
  }

  get operationsOfTexts(): number {
    return this.#count().ofTexts;
  }

  /** @param done when it has run */
  start(done: Promise<unknown>, count: Count): void {
    this.#count = count;
    this.done = done.then(() => {});
    this.done.catch(() => {}); // whoever waits or downloads is told
  }

  async losses(): Promise<Float32Array> {
    return this.#spread("losses", new Float32Array(this.#targets), new Float32Array(this.#predicting));
  }

  async probabilities(): Promise<Float32Array> {
    const probabilities = new Float32Array(this.#predicting);
    const losses = await this.losses();
    for (const row of this.running.targeted.all) probabilities[row] = Math.exp(-losses[row]!);
    return probabilities;
  }

  async predictions(): Promise<Uint32Array> {
    return this.#spread("predictions", new Uint32Array(this.#targets), new Uint32Array(this.#predicting));
  }

  async logits(): Promise<Float32Array> {
    const size = this.#targets * (this.network.head?.width ?? 0);
    return await this.device.download(this.#buffer("target logits"), new Float32Array(size));
  }

  async divergences(): Promise<Float32Array> {
    return this.#spread("divergences", new Float32Array(this.#targets), new Float32Array(this.#predicting));
  }

  async distances(): Promise<Float32Array> {
    const { rowOfToken, rows } = this.running.batch;
    const byRow = await this.device.download(this.#buffer("distances"), new Float32Array(rows));
    return rowOfToken ? Float32Array.from(rowOfToken, (row) => byRow[row]!) : byRow;
  }

  async scores(site: string): Promise<Float32Array[]> {
    const { span } = this.running.plan;
    const { batch, keys, heads } = placeOf(site, this.network, this.running)!;
    const columns = heads * span;
    const all = await this.device.download(this.#buffer(site), new Float32Array(batch.tokens * columns));
    return Array.from({ length: batch.sequences }, (_, s) => {
      const [queries, length] = [lengthOf(batch, s), keys[s]!];
      const own = new Float32Array(heads * queries * length);
      for (let head = 0; head < heads; head++) {
        for (let query = 0; query < queries; query++) {
          const from = (batch.starts[s]! + query) * columns + head * span;
          own.set(all.subarray(from, from + length), (head * queries + query) * length);
        }
      }
      return own;
    });
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#own.values()) buffer[Symbol.dispose]();
    this.#own.clear();
    if (this.captured && !this.running.request.capture?.into) this.captured.buffer[Symbol.dispose]();
  }

  get #targets(): number {
    return this.running.targeted.read.length;
  }

  /** Tokens or sequences that could have a target. */
  get #predicting(): number {
    return classifiesSequences(this.network) ? this.running.batch.sequences : this.tokens;
  }

  #allocate(name: string, elements: number): DeviceBuffer {
    const buffer = this.device.allocate(elements * 4);
    this.#own.set(name, buffer);
    return buffer;
  }

  #buffer(name: string): DeviceBuffer {
    const buffer = this.#own.get(name);
    if (buffer) return buffer;
    throw new ArgumentError("request", `one that asks for ${name}`, "a forward pass without them");
  }

  async #spread<Values extends Float32Array | Uint32Array>(
    name: string,
    compact: Values,
    spread: Values,
  ): Promise<Values> {
    if (this.running.request.targets && compact.length === 0) return spread;
    await this.device.download(this.#buffer(name), compact);
    const { all, places } = this.running.targeted;
    all.forEach((row, i) => {
      spread[row] = compact[places[i]!]!;
    });
    return spread;
  }

  #capture(): CapturedMatrix | null {
    const { plan, pooled, request } = this.running;
    if (!request.capture) return null;
    const [rows, columns] = [pooled.starts.length, plan.columns];
    const { buffer, row } = request.capture.into ?? { buffer: this.device.allocate(Math.max(4, rows * columns * 4)), row: 0 }; // biome-ignore format: one line
    const values = () => this.device.download(buffer, new Float32Array(rows * columns), row * columns * 4);
    return { buffer, row, rows, columns, values };
  }

  #makeState(batch: Batch): TextState | null {
    const { recurrence } = this.network;
    const { cached, plan } = this.running;
    if (!recurrence) return cached?.after((sequence) => lengthOf(batch, sequence)) ?? null;
    if (!plan.keepState) return null;
    const rows = stateBlocks(recurrence) * batch.sequences;
    const memory = this.device.allocate(rows * recurrence.width * 4);
    const lengths = batch.pasts.map((past, sequence) => past + lengthOf(batch, sequence));
    const slots = Uint32Array.from(batch.starts.subarray(1).keys());
    const places = { slots, lengths, identities: batch.identities };
    return new DeviceState(memory, batch.sequences, rows, places, cached?.take([...slots]) ?? null);
  }
}
