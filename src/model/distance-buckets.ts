/** How distances fall into buckets (T5, Raffel et al. 2020). */
export interface BucketOptions {
  readonly buckets: number;
  /** From here on all distances share the last bucket. */
  readonly maximumDistance: number;
  /** `both`: keys before and behind a query have buckets of their own; `before`: those behind it share the first one. */
  readonly sides: "both" | "before";
}

/**
 * The bucket of a distance: near ones have one each, farther ones share buckets that grow logarithmically. Computed in
 * float32 steps as transformers does, whose rounding decides at the edges.
 *
 * @param distance query position − key position
 * @returns a bucket from 0 to buckets − 1
 */
export function distanceBucket(distance: number, { buckets, maximumDistance, sides }: BucketOptions): number {
  const count = sides === "both" ? Math.floor(buckets / 2) : buckets;
  const first = sides === "both" && distance < 0 ? count : 0;
  const size = sides === "both" ? Math.abs(distance) : Math.max(0, distance);
  const exact = Math.floor(count / 2);
  if (size < exact) return first + size;
  const { fround, log } = Math;
  const octaves = fround(fround(log(fround(size / exact))) / fround(log(maximumDistance / exact)));
  return first + Math.min(count - 1, exact + Math.trunc(fround(octaves * (count - exact))));
}

/**
 * The biases of all distances, as attention reads them.
 *
 * @param table buckets × heads
 * @returns heads × (2·reach + 1), for the distances −reach … reach; reach is the maximum distance
 */
export function distanceBiases(table: Float32Array, heads: number, options: BucketOptions): Float32Array {
  const reach = options.maximumDistance;
  const width = 2 * reach + 1;
  const biases = new Float32Array(heads * width);
  for (let i = 0; i < width; i++) {
    const bucket = distanceBucket(i - reach, options);
    for (let head = 0; head < heads; head++) biases[head * width + i] = table[bucket * heads + head]!;
  }
  return biases;
}
