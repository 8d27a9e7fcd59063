/** What an intervention does to a value x of its site: v is `value`. */
export type Operation = "set" | "add" | "scale";

/**
 * A change of a site's output while the model runs: everything behind the site sees it.
 *
 *     { site: "layers.2.mlp.hidden", columns: [871], operation: "set", value: 0 }
 */
export interface Intervention {
  readonly site: string;
  /** The sequence of the batch it is for; left out: all. */
  readonly sequence?: number;
  /** Token positions in the sequence; left out: all. */
  readonly positions?: readonly number[];
  /** Columns of the site; left out: all. */
  readonly columns?: ArrayLike<number>;
  /** `set`: v, `add`: x + v, `scale`: x · v. */
  readonly operation: Operation;
  /** One number, or one for each of `columns`. */
  readonly value: number | Float32Array;
}
