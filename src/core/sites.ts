/** A named component output of a model, as one run of columns of an activation matrix. */
export interface Site {
  readonly name: string;
  readonly width: number;
  /** The column of the matrix at which this site starts. */
  readonly offset: number;
}
