import { Shared } from "../core/shared.js";
import type { Device, DeviceBuffer } from "../device/device.js";
import { Recorder } from "../device/plan.js";
import { gatherRowsKernel, NO_ROW } from "../kernels/gather-rows.js";
import { type Batch, lengthOf } from "./batch.js";
import { roundUp } from "./capacity.js";
import type { TextState } from "./model.js";
import { type TextPlaces, takePlaces } from "./recurrent-state.js";

/** What a plan keeps of every token: keys and values of a layer, by name. */
export interface Remembered {
  readonly width: number;
  /** Whether its rows are tokens of an encoder's sources, which never become more. */
  readonly ofSources: boolean;
}

/**
 * The keys and values that some sequences' later tokens will attend to, on the device: for every name a matrix in which
 * slot s has rows s·room … (s + 1)·room − 1. Room grows by doubling.
 */
export class KeyCache implements Disposable {
  readonly buffers = new Map<string, DeviceBuffer>();
  /** Tokens per slot. */
  room = 0;
  sourceRoom = 0;
  /** Tokens that are read, by slot: only the latest state of a text can be gone on from. */
  readonly read: Uint32Array;

  constructor(
    readonly device: Device,
    readonly slots: number,
    /** Sources, which several slots may share. */
    readonly sourceSlots: number,
  ) {
    this.read = new Uint32Array(slots);
  }

  /** Makes room for so many tokens per slot, and sources in the first batch; what is kept stays. */
  reserve(names: ReadonlyMap<string, Remembered>, tokens: number, sourceTokens: number): void {
    if (this.buffers.size === 0) {
      [this.room, this.sourceRoom] = [roundUp(tokens), roundUp(sourceTokens)];
      for (const [name, { width, ofSources }] of names) {
        const rows = ofSources ? this.sourceSlots * this.sourceRoom : this.slots * this.room;
        this.buffers.set(name, this.device.allocate(rows * width * 4));
      }
    }
    if (tokens > this.room) this.#grow(names, Math.max(2 * this.room, roundUp(tokens)));
  }

  [Symbol.dispose](): void {
    for (const buffer of this.buffers.values()) buffer[Symbol.dispose]();
    this.buffers.clear();
  }

  #grow(names: ReadonlyMap<string, Remembered>, room: number): void {
    const rows = this.slots * room;
    const recorder = new Recorder();
    const index = recorder.external("index", "u32", [rows]);
    const before: Record<string, DeviceBuffer> = {};
    const after: Record<string, DeviceBuffer> = {};
    for (const [name, { width, ofSources }] of names) {
      if (ofSources) continue;
      const x = recorder.external(name, "f32", [this.slots * this.room, width]);
      const out = recorder.external(`new ${name}`, "f32", [rows, width]);
      recorder.record(gatherRowsKernel, { x, index, out }, { rows, width, sourceRows: this.slots * this.room });
      before[name] = this.buffers.get(name)!;
      after[`new ${name}`] = this.device.allocate(rows * width * 4);
    }
    using places = this.device.upload(this.#placesIn(room));
    using plan = this.device.plan(recorder);
    this.device.submit(plan, { buffers: { index: places, ...before, ...after } }).done.catch(() => {}); // the next is told
    for (const [name, buffer] of Object.entries(before)) {
      buffer[Symbol.dispose]();
      this.buffers.set(name, after[`new ${name}`]!);
    }
    this.room = room;
  }

  /** The old row of every new one. */
  #placesIn(room: number): Uint32Array {
    const index = new Uint32Array(this.slots * room).fill(NO_ROW);
    this.read.forEach((length, slot) => {
      for (let t = 0; t < length; t++) index[slot * room + t] = slot * this.room + t;
    });
    return index;
  }
}

/** Where what is kept of the texts' sources is. */
export interface SourcePlaces {
  /** Which of the sources each text reads. */
  readonly slots: Uint32Array;
  /** Tokens of each text's source; zeros without an encoder. */
  readonly lengths: Uint32Array;
}

/** Where some texts stand, with the keys and values of all their tokens. */
export class CacheState implements TextState {
  readonly #shared: Shared<KeyCache>;
  readonly #release: () => void;

  constructor(
    cache: KeyCache | Shared<KeyCache>,
    readonly places: TextPlaces,
    readonly sources: SourcePlaces,
  ) {
    this.#shared = cache instanceof Shared ? cache : new Shared(cache);
    this.#release = this.#shared.own();
  }

  get cache(): KeyCache {
    return this.#shared.resource;
  }

  get sequences(): number {
    return this.places.slots.length;
  }

  get lengths(): Uint32Array {
    return this.places.lengths;
  }

  /** Whether nothing has gone on from it, which would have written over what comes next. */
  get latest(): boolean {
    const { slots, lengths } = this.places;
    return slots.every((slot, s) => this.cache.read[slot] === lengths[s]);
  }

  take(sequences: readonly number[]): CacheState {
    const of = (numbers: Uint32Array) => Uint32Array.from(sequences, (sequence) => numbers[sequence]!);
    const sources = { slots: of(this.sources.slots), lengths: of(this.sources.lengths) };
    return new CacheState(this.#shared, takePlaces(this.places, sequences), sources);
  }

  /** The state after some more tokens of each sequence. */
  after(tokens: (sequence: number) => number): CacheState {
    const lengths = this.lengths.map((length, sequence) => length + tokens(sequence));
    this.places.slots.forEach((slot, sequence) => {
      this.cache.read[slot] = lengths[sequence]!;
    });
    return new CacheState(this.#shared, { ...this.places, lengths }, this.sources);
  }

  [Symbol.dispose](): void {
    this.#release();
  }
}

/** The row that each row of a batch has among those that are kept. */
export function rowsInCache(batch: Batch, { places, cache }: CacheState): Uint32Array {
  return rowsInSlots(batch, places.slots, cache.room);
}

/** The same of a batch of sources, which are kept in their order. */
export function sourceRowsInCache(source: Batch, { cache }: CacheState): Uint32Array {
  return rowsInSlots(
    source,
    Uint32Array.from({ length: source.sequences }, (_, s) => s),
    cache.sourceRoom,
  );
}

/** @param room rows that every slot has */
function rowsInSlots(batch: Batch, slots: Uint32Array, room: number): Uint32Array {
  const rows = new Uint32Array(batch.tokens);
  slots.forEach((slot, s) => {
    for (let t = 0; t < lengthOf(batch, s); t++) {
      const token = batch.starts[s]! + t;
      rows[batch.rowOfToken?.[token] ?? token] = slot * room + batch.pasts[s]! + t;
    }
  });
  return rows;
}
