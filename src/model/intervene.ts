import { ArgumentError } from "../core/errors.js";
import type { Intervention, NeuronRows, NeuronValues, Operation } from "./interventions.js";

/** What can still be said before the verb. */
type Part = "neurons" | "heads" | "at" | "where" | "in";
type Columns = "neurons" | "heads";
type Positions = "at" | "where";

interface Parts<Left extends Part> {
  /** Columns of the site. */
  neurons(columns: number | ArrayLike<number>): Sentence<Exclude<Left, Columns>>;
  /** Attention heads; of keys and values, key heads, which several query heads may share. */
  heads(heads: number | readonly number[]): Sentence<Exclude<Left, Columns>>;
  /** Token positions, counted from 0, or the last token; while a text is generated each token is the last one once. */
  at(positions: number | readonly number[] | "last" | "all"): Sentence<Exclude<Left, Positions>>;
  /** The token positions at which a mask is true. */
  where(mask: readonly boolean[] | Uint8Array): Sentence<Exclude<Left, Positions>>;
  /** A sequence of the batch, or a run of them, first … end − 1. */
  in(sequence: number | readonly [first: number, end: number]): Sentence<Exclude<Left, "in">>;
}

/** What happens to a value x: each of these ends the sentence, and gives plain data. */
export interface Verbs {
  /** 0. */
  zero(): Intervention;
  /** One number, one per column, or values that know their neurons, such as `await meanOf(source)`. */
  set(value: number | Float32Array | NeuronValues): Intervention;
  /** x + value. */
  add(value: number | Float32Array | NeuronValues): Intervention;
  /** x · factor. */
  scale(factor: number | Float32Array | NeuronValues): Intervention;
  /** −x. */
  flip(): Intervention;
  /** x without its part in the span of some directions, one number per column each; they need not be orthogonal. */
  project(...directions: readonly [Float32Array, ...Float32Array[]]): Intervention;
  /** x plus Gaussian noise of a standard deviation: one for all, or each neuron's own (`await deviationOf(source)`). */
  noise(deviation: number | Float32Array | NeuronValues, options?: { readonly seed?: number }): Intervention;
  /** The values that these neurons have together in a row drawn at random, for every token another one. */
  resample(rows: NeuronRows, options?: { readonly seed?: number }): Intervention;
  /** The values of the same position of another run (`capture`), of the same sequence number unless one is named. */
  patch(run: NeuronRows, options?: { readonly sequence?: number }): Intervention;
}

/** A sentence that lacks its verb. */
export type Sentence<Left extends Part> = Verbs & Pick<Parts<Left>, Left>;

/**
 * Says what is changed while a model runs, in words; the verb ends the sentence and gives plain data.
 *
 *     intervene("layers.2.mlp.hidden:871").at("last").set(0)
 *     intervene("layers.1.attention.heads").heads([0, 3]).zero()
 *     intervene("layers.*.mlp.hidden").set(await meanOf(source))
 *     intervene("layers.1.residual").at(4).patch(await capture(model, clean, "layers.1.residual"))
 *
 * Whether the model has such a site, neuron, head and position is found out when it runs.
 *
 * @param target SITE, SITE:INDEX, SITE:FIRST-LAST, SITE:head.HEAD, several behind the colon joined by commas; SITE may be
 *   a selector
 * @throws ArgumentError for a target that is none of these
 */
export function intervene(target: `${string}:${string}`): Sentence<"at" | "where" | "in">;
export function intervene(target: string): Sentence<Part>;
export function intervene(target: string): Words {
  return new Words(placeOf(target));
}

type Place = Omit<Intervention, "operation" | "value">;

class Words implements Parts<Part>, Verbs {
  constructor(readonly place: Place) {}

  neurons(columns: number | ArrayLike<number>): Words {
    this.#expectWholeSite();
    return this.#with({ columns: typeof columns === "number" ? [columns] : columns });
  }

  heads(heads: number | readonly number[]): Words {
    this.#expectWholeSite();
    return this.#with({ heads: typeof heads === "number" ? [heads] : heads });
  }

  at(positions: number | readonly number[] | "last" | "all"): Words {
    if (positions === "all") return this;
    return this.#with({ positions: typeof positions === "number" ? [positions] : positions });
  }

  where(mask: readonly boolean[] | Uint8Array): Words {
    return this.#with({ positions: [...mask.keys()].filter((position) => mask[position]) });
  }

  in(sequence: number | readonly [number, number]): Words {
    return this.#with({ sequence });
  }

  zero = () => this.set(0);
  set = (value: Intervention["value"]) => this.#end("set", value);
  add = (value: Intervention["value"]) => this.#end("add", value);
  scale = (factor: Intervention["value"]) => this.#end("scale", factor);
  flip = () => this.scale(-1);
  project = (...directions: readonly Float32Array[]) => this.#end("project", sideBySide(directions));
  noise = (deviation: Intervention["value"], { seed = 0 } = {}) => this.#end("noise", deviation, { seed });
  resample = (rows: NeuronRows, { seed = 0 } = {}) => this.#end("resample", rows, { seed });
  patch = (run: NeuronRows, { sequence }: { readonly sequence?: number } = {}) =>
    this.#end("patch", run, sequence === undefined ? {} : { from: sequence });

  #with(place: Partial<Place>): Words {
    return new Words({ ...this.place, ...place });
  }

  #end(
    operation: Operation,
    value: Intervention["value"],
    more: Pick<Intervention, "seed" | "from"> = {},
  ): Intervention {
    return { ...this.place, operation, value, ...more };
  }

  /** The types say it where the target is a literal. */
  #expectWholeSite(): void {
    const { site, columns, heads } = this.place;
    if (columns || heads) throw new ArgumentError("target", "a whole site, as its part is named again", site);
  }
}

const expected = "SITE, SITE:INDEX, SITE:FIRST-LAST or SITE:head.HEAD, such as layers.3.mlp.hidden:871";

/** Reads a target. @throws ArgumentError that says what targets look like */
export function placeOf(target: string): Pick<Intervention, "site" | "columns" | "heads"> {
  const [, site, parts] = /^([^:]+)(?::(.+))?$/.exec(target) ?? [];
  if (site === undefined) throw new ArgumentError("target", expected, target);
  if (parts === undefined) return { site };
  const heads = parts.startsWith("head.");
  const numbers = parts.split(",").flatMap((part) => rangeOf(part, heads ? "head." : "", target));
  return heads ? { site, heads: numbers } : { site, columns: numbers };
}

/** `3` or `3-7`, behind a prefix. */
function rangeOf(part: string, prefix: string, target: string): number[] {
  const [, first, last = first] =
    /^(\d+)(?:-(\d+))?$/.exec(part.startsWith(prefix) ? part.slice(prefix.length) : "") ?? [];
  const [start, end] = [Number(first), Number(last)];
  if (!(start <= end && end - start < 1 << 24)) throw new ArgumentError("target", expected, target);
  return Array.from({ length: end - start + 1 }, (_, i) => start + i);
}

function sideBySide(directions: readonly Float32Array[]): Float32Array {
  const [first] = directions;
  const stranger = directions.find(({ length }) => length !== first?.length);
  if (stranger) throw new ArgumentError("directions", `directions of ${first?.length} numbers each`, stranger.length);
  const all = new Float32Array(directions.length * (first?.length ?? 0));
  directions.forEach((direction, i) => {
    all.set(direction, i * direction.length);
  });
  return all;
}
