import { ArgumentError } from "../../core/errors.js";
import type { Progress } from "../../core/progress.js";
import { random } from "../../core/random.js";
import type { Device } from "../../device/device.js";
import { CenterProducts } from "./center-products.js";

/** Points in clusters. */
export interface Clusters {
  /** The cluster of every point. */
  readonly labels: Int32Array;
  /** Clusters × columns. */
  readonly centers: Float32Array;
  /** Σ of squared distances from the points to their centers. */
  readonly inertia: number;
}

export interface KMeansOptions extends Progress {
  readonly clusters: number;
  readonly seed?: number;
  /** Beginnings, of which the one with the least inertia counts (default 3). */
  readonly restarts?: number;
  /** Default 100. */
  readonly iterations?: number;
}

/**
 * Lloyd's k-means from k-means++ beginnings (Arthur and Vassilvitskii 2007), seeded; the products of points and centers
 * run on the device. It ends when no point changes its cluster, or after so many iterations. A cluster that loses all its points
 * begins anew at the point furthest from its center. Ties go to the lower cluster.
 *
 * @param x points × columns, at least as many points as clusters
 * @throws ArgumentError for no clusters, or more than points
 */
export async function kMeans(
  device: Device,
  x: Float32Array,
  columns: number,
  { clusters, seed = 0, restarts = 3, iterations = 100, signal, onProgress }: KMeansOptions,
): Promise<Clusters> {
  const points = x.length / columns;
  if (!Number.isSafeInteger(clusters) || clusters < 1 || clusters > points) {
    throw new ArgumentError("clusters", `a whole number from 1 to the ${points} points`, clusters);
  }
  if (!Number.isSafeInteger(restarts) || restarts < 1) {
    throw new ArgumentError("restarts", "a whole number from 1 on", restarts);
  }
  using products = new CenterProducts(device, x, columns, clusters);
  let best: Clusters | null = null;
  for (let start = 0; start < restarts; start++) {
    let state = await begin(products, random(seed + start));
    for (let i = 0; i < iterations; i++) {
      signal?.throwIfAborted();
      const next = await assign(products, moveCenters(products, state));
      const settled = next.labels.every((label, point) => label === state.labels[point]);
      state = next;
      if (settled) break;
    }
    if (!best || state.inertia < best.inertia) best = state;
    onProgress?.(start + 1, restarts, "beginnings");
  }
  return best!;
}

/** Clusters with the squared distance of every point. */
interface Assigned extends Clusters {
  readonly distances: Float64Array;
}

/** Draws each center among the points with their squared distances from the nearest center so far as weights. */
async function begin(products: CenterProducts, uniform: () => number): Promise<Assigned> {
  const { x, columns, points, clusters } = products;
  const centers = new Float32Array(clusters * columns);
  const nearest = new Float64Array(points).fill(Number.POSITIVE_INFINITY);
  let chosen = Math.min(points - 1, Math.floor(uniform() * points));
  for (let cluster = 0; cluster < clusters; cluster++) {
    const center = x.subarray(chosen * columns, (chosen + 1) * columns);
    centers.set(center, cluster * columns);
    let total = 0;
    await products.each(center, (point, [product]) => {
      const distance = Math.max(0, products.squares[point]! + products.squares[chosen]! - 2 * product!);
      nearest[point] = point === chosen ? 0 : Math.min(nearest[point]!, distance);
      total += nearest[point]!;
    });
    chosen = draw(nearest, uniform() * total);
  }
  return await assign(products, centers);
}

function draw(weights: Float64Array, target: number): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i]!;
    if (sum > target) return i;
  }
  return weights.length - 1;
}

/** Puts every point to its nearest center. */
async function assign(products: CenterProducts, centers: Float32Array): Promise<Assigned> {
  const { columns, points, clusters } = products;
  const sizes = Float64Array.from({ length: clusters }, (_, cluster) =>
    centers.subarray(cluster * columns, (cluster + 1) * columns).reduce((sum, value) => sum + value * value, 0),
  );
  const labels = new Int32Array(points);
  const distances = new Float64Array(points);
  let inertia = 0;
  await products.each(centers, (point, row) => {
    let least = 0;
    let best = Number.POSITIVE_INFINITY;
    for (let cluster = 0; cluster < clusters; cluster++) {
      const distance = sizes[cluster]! - 2 * row[cluster]!;
      if (distance < best) [best, least] = [distance, cluster];
    }
    labels[point] = least;
    distances[point] = Math.max(0, best + products.squares[point]!);
    inertia += distances[point]!;
  });
  return { labels, centers, inertia, distances };
}

/** The means of the clusters' points; the furthest points in the place of what has none. */
function moveCenters({ x, columns, clusters }: CenterProducts, { labels, distances }: Assigned): Float32Array {
  const sums = new Float64Array(clusters * columns);
  const counts = new Uint32Array(clusters);
  labels.forEach((label, point) => {
    counts[label]!++;
    for (let column = 0; column < columns; column++) sums[label * columns + column]! += x[point * columns + column]!;
  });
  const centers = Float32Array.from(sums, (sum, i) => sum / Math.max(1, counts[Math.floor(i / columns)]!));
  const furthest = counts.includes(0) ? Array.from(labels.keys()).sort((a, b) => distances[b]! - distances[a]!) : [];
  counts.forEach((count, cluster) => {
    if (count > 0) return;
    const point = furthest.shift()!;
    centers.set(x.subarray(point * columns, (point + 1) * columns), cluster * columns);
  });
  return centers;
}
