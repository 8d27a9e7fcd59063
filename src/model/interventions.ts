/** What an intervention does to a value x of its site: v is `value`. */
export type Operation = "set" | "add" | "scale" | "project";

/**
 * A change of a site's output while the model runs: everything behind the site sees it. Several
 * at one site happen in their order.
 *
 *     { site: "layers.2.mlp.hidden", columns: [871], operation: "set", value: 0 }
 */
export interface Intervention {
  readonly site: string;
  /** The sequence of the batch it is for, or a run of them, first … end − 1; left out: all. */
  readonly sequence?: number | readonly [first: number, end: number];
  /** Token positions in the sequence; left out: all. */
  readonly positions?: readonly number[];
  /** Columns of the site (of attention scores: head · length + key); left out: all. */
  readonly columns?: ArrayLike<number>;
  /** `set`: v, `add`: x + v, `scale`: x · v, `project`: x without its part along the direction v. */
  readonly operation: Operation;
  /** One number, or one for each of the columns; a direction has one for each. */
  readonly value: number | Float32Array;
}
