import type { Site } from "../core/sites.js";

/** What an intervention does to a value x of its site; v is `value`. */
export type Operation = "set" | "add" | "scale" | "project" | "noise" | "resample" | "patch";

/** A number for each neuron of some sites, side by side: their means, quantiles, deviations. */
export interface NeuronValues {
  readonly sites: readonly Site[];
  readonly values: Float32Array;
}

/** Activations of some sites on the host: rows × all their columns, row-major. */
export interface NeuronRows extends NeuronValues {
  /** Row `starts[s] + p` is position p of sequence s; left out where rows are of no text in particular. */
  readonly starts?: Uint32Array;
}

/**
 * A change of a site's output while the model runs: everything behind the site sees it. Several
 * at one site happen in their order. `intervene` writes them in words.
 *
 *     { site: "layers.2.mlp.hidden", columns: [871], operation: "set", value: 0 }
 */
export interface Intervention {
  /** A site's name, or a selector such as `layers.*.mlp.hidden`: each of its sites is changed. */
  readonly site: string;
  /** The sequence of the batch it is for, or a run of them, first … end − 1; left out: all. */
  readonly sequence?: number | readonly [first: number, end: number];
  /** Token positions in the sequence, or its last token; left out: all. */
  readonly positions?: readonly number[] | "last";
  /** Columns of the site (of attention scores: head · length + key); left out: all. */
  readonly columns?: ArrayLike<number>;
  /** Heads instead of columns: head h owns columns h·d … (h + 1)·d − 1; of keys and values these are key heads. */
  readonly heads?: readonly number[];
  /**
   * `set`: v, `add`: x + v, `scale`: x · v, `project`: x without its part in the span of the directions v, `noise`:
   * x + a normal number of standard deviation v, `resample`: a row of v, drawn per token, `patch`: the row of v of the
   * same position.
   */
  readonly operation: Operation;
  /**
   * One number, or one for each of the columns (a direction has one for each), or values that know their sites.
   * Several directions stand one behind the other.
   */
  readonly value: number | Float32Array | NeuronValues | NeuronRows;
  /** Of what is random, default 0: a draw depends on it, the site, the sequence, the position and the column alone. */
  readonly seed?: number;
  /**
   * `recurrence`, at the site `hidden` of a recurrent layer: only the layer's own next step sees the change, and not
   * what stands above. Left out: everything behind the site.
   */
  readonly reach?: "recurrence";
  /** `patch`: the sequence of the other run; left out: the same number, or its only one. */
  readonly from?: number;
}
