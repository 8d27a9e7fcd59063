import { Shared } from "../core/shared.js";
import type { DeviceBuffer } from "../device/device.js";
import type { CacheState } from "./key-cache.js";
import type { TextState } from "./model.js";

/** Where texts stand: what every kind of state knows of its sequences. */
export interface TextPlaces {
  /** Which sequence of the state's memory each one is. */
  readonly slots: Uint32Array;
  /** Tokens of each that were read. */
  readonly lengths: Uint32Array;
  /** The number under which random draws know each. */
  readonly identities: Uint32Array;
}

/** The places of some of the sequences. */
export function takePlaces({ slots, lengths, identities }: TextPlaces, sequences: readonly number[]): TextPlaces {
  const of = (numbers: Uint32Array) => Uint32Array.from(sequences, (sequence) => numbers[sequence]!);
  return { slots: of(slots), lengths: of(lengths), identities: of(identities) };
}

/**
 * Hidden states and cells of some sequences: (layer, vector, slot) × width float32 on the device, and what a decoder
 * attends to.
 */
export class DeviceState implements TextState {
  readonly #shared: Shared<DeviceBuffer>;
  readonly #release: () => void;

  /**
   * @param slotCount sequences that the memory holds
   * @param sources an encoder-decoder's: what its encoder gave, a row per token of the sources
   */
  constructor(
    memory: DeviceBuffer | Shared<DeviceBuffer>,
    readonly slotCount: number,
    readonly rows: number,
    readonly places: TextPlaces,
    readonly sources: CacheState | null,
  ) {
    this.#shared = memory instanceof Shared ? memory : new Shared(memory);
    this.#release = this.#shared.own();
  }

  get buffer(): DeviceBuffer {
    return this.#shared.resource;
  }

  get sequences(): number {
    return this.places.slots.length;
  }

  get lengths(): Uint32Array {
    return this.places.lengths;
  }

  take(sequences: readonly number[]): DeviceState {
    const sources = this.sources?.take(sequences) ?? null;
    return new DeviceState(this.#shared, this.slotCount, this.rows, takePlaces(this.places, sequences), sources);
  }

  [Symbol.dispose](): void {
    this.#release();
    this.sources?.[Symbol.dispose]();
  }
}
