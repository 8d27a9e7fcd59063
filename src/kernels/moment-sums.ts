/** What is known of every column. */
export interface ColumnMoments {
  readonly rows: number;
  readonly mean: Float64Array;
  /** Population variance m₂; exactly 0 where a column is constant. */
  readonly variance: Float64Array;
  /** m₃ / m₂^1.5; 0 where a column is constant. */
  readonly skewness: Float64Array;
  /** m₄ / m₂² − 3, which is 0 for a normal distribution, and 0 where a column is constant. */
  readonly kurtosis: Float64Array;
  readonly minimum: Float32Array;
  readonly maximum: Float32Array;
  /** How many values lie below the low bound, and above the high one. */
  readonly below: Float64Array;
  readonly above: Float64Array;
}

/** Least and largest values before any was seen: 2 × columns. */
export function noExtremes(columns: number): Float32Array<ArrayBuffer> {
  return new Float32Array(2 * columns).fill(Infinity, 0, columns).fill(-Infinity, columns);
}

/**
 * Turns sums of powers into moments.
 *
 * @param shift what was subtracted from each column's values
 * @param sums 8 × columns: high and low parts of Σd, Σd², Σd³, Σd⁴
 * @param extremes 2 × columns
 * @param counts 2 × columns; left out: none
 */
export function momentsFromSums(
  rows: number,
  shift: Float32Array,
  sums: Float32Array,
  extremes: Float32Array,
  counts: ArrayLike<number> = new Uint32Array(extremes.length),
): ColumnMoments {
  const columns = shift.length;
  const result = emptyMoments(rows, columns);
  const power = (order: number, column: number) =>
    (sums[(2 * order - 2) * columns + column]! + sums[(2 * order - 1) * columns + column]!) / Math.max(1, rows);
  for (let column = 0; column < columns; column++) {
    const [a, b, c, d] = [power(1, column), power(2, column), power(3, column), power(4, column)];
    const central = { m2: b - a * a, m3: c - 3 * a * b + 2 * a ** 3, m4: d - 4 * a * c + 6 * a * a * b - 3 * a ** 4 };
    result.minimum[column] = extremes[column]!;
    result.maximum[column] = extremes[columns + column]!;
    result.below[column] = counts[column]!;
    result.above[column] = counts[columns + column]!;
    fill(result, column, shift[column]! + a, central);
  }
  return result;
}

/**
 * The moments of the rows of `a` and `b` together (Pébay 2008, formulas for parallel moments).
 */
export function mergeMoments(a: ColumnMoments, b: ColumnMoments): ColumnMoments {
  if (a.rows === 0) return b;
  if (b.rows === 0) return a;
  const result = emptyMoments(a.rows + b.rows, a.mean.length);
  a.mean.forEach((mean, column) => {
    result.minimum[column] = Math.min(a.minimum[column]!, b.minimum[column]!);
    result.maximum[column] = Math.max(a.maximum[column]!, b.maximum[column]!);
    result.below[column] = a.below[column]! + b.below[column]!;
    result.above[column] = a.above[column]! + b.above[column]!;
    const delta = b.mean[column]! - mean;
    fill(result, column, mean + (delta * b.rows) / result.rows, mergeCentral(a, b, column, delta));
  });
  return result;
}

interface Central {
  readonly m2: number;
  readonly m3: number;
  readonly m4: number;
}

function mergeCentral(a: ColumnMoments, b: ColumnMoments, column: number, delta: number): Central {
  const [p, q] = [a.rows / (a.rows + b.rows), b.rows / (a.rows + b.rows)];
  const [x, y] = [centralOf(a, column), centralOf(b, column)];
  const m2 = p * x.m2 + q * y.m2 + p * q * delta ** 2;
  const m3 = p * x.m3 + q * y.m3 + p * q * (p - q) * delta ** 3 + 3 * p * q * delta * (y.m2 - x.m2);
  const m4 =
    p * x.m4 +
    q * y.m4 +
    p * q * (p * p - p * q + q * q) * delta ** 4 +
    6 * p * q * delta ** 2 * (p * y.m2 + q * x.m2) +
    4 * p * q * delta * (y.m3 - x.m3);
  return { m2, m3, m4 };
}

function centralOf({ variance, skewness, kurtosis }: ColumnMoments, column: number): Central {
  const m2 = variance[column]!;
  return { m2, m3: skewness[column]! * m2 ** 1.5, m4: (kurtosis[column]! + 3) * m2 * m2 };
}

function emptyMoments(rows: number, columns: number): ColumnMoments {
  const numbers = () => new Float64Array(columns);
  return {
    ...{ rows, mean: numbers(), variance: numbers(), skewness: numbers(), kurtosis: numbers() },
    ...{ minimum: new Float32Array(columns), maximum: new Float32Array(columns), below: numbers(), above: numbers() },
  };
}

/** A constant column has variance 0 and its value as mean, whatever rounding left of them. */
function fill(result: ColumnMoments, column: number, mean: number, { m2, m3, m4 }: Central): void {
  const constant = result.minimum[column] === result.maximum[column] && Number.isFinite(m2);
  result.mean[column] = constant ? result.minimum[column]! : mean;
  result.variance[column] = constant ? 0 : Math.max(0, m2);
  if (constant || m2 <= 0) return;
  result.skewness[column] = m3 / m2 ** 1.5;
  result.kurtosis[column] = m4 / (m2 * m2) - 3;
}
