/** A site of a model. */
export interface ModelSite {
  readonly name: string;
  /** Columns; null for `attention.scores`, whose width is the sequence's length. */
  readonly width: number | null;
}
