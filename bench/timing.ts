import Benchmark from "benchmark";

/** How long one call takes. */
export interface Timing {
  /** Seconds a call, the middle of all samples. */
  readonly median: number;
  /** Half the distance between the quartiles, as a share of the median. */
  readonly spread: number;
  readonly samples: number;
}

/** Calls slower than this are timed by hand: benchmark.js would take five samples of them at least. */
const slowSeconds = 3;

/** Warms up with one call, then times `work` with benchmark.js for about `seconds`; a slow call is timed by that call alone. */
export async function time(work: () => unknown, seconds = 2): Promise<Timing> {
  const first = await once(work);
  if (first > slowSeconds) return summarise([first]);
  return summarise(await sample(work, seconds));
}

async function once(work: () => unknown): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

function sample(work: () => unknown, seconds: number): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const benchmark = new Benchmark({
      defer: true,
      minSamples: 5,
      maxTime: seconds,
      fn: (deferred: { resolve(): void }) => {
        Promise.resolve(work()).then(() => deferred.resolve(), reject);
      },
      onComplete: () => (benchmark.error ? reject(benchmark.error) : resolve(benchmark.stats.sample)),
    });
    benchmark.run({ async: true });
  });
}

/** The middle and the spread of some samples in seconds. */
export function summarise(samples: readonly number[]): Timing {
  const sorted = [...samples].sort((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  const median = quantile(0.5);
  return { median, spread: (quantile(0.75) - quantile(0.25)) / 2 / median, samples: sorted.length };
}
