import { normal, random } from "../../src/core/random.js";
import { GramSums } from "../../src/kernels/gram-sums.js";
import { correlation } from "../../test/reference/gram.js";
import { benchmark } from "../measure.js";

const size = (rows: number, columns: number) => ({ label: `${rows} × ${columns}`, rows, columns });

await benchmark({
  name: "gram",
  about: "Pearson's r of all pairs of columns, counted as columns² · rows (half of a full product); means of 5 σ",
  dtype: "f32 sums in f64",
  sizes: [size(65_536, 1024), size(65_536, 2048), size(65_536, 4096)],
  unit: "flop",
  work: ({ rows, columns }) => columns * columns * rows,
  prepare: (device, { rows, columns }) => {
    const x = numbers(rows, columns);
    const buffer = device.upload(x);
    return {
      async run() {
        using sums = new GramSums(device, columns);
        await sums.add(buffer, rows);
        return await sums.correlation();
      },
      check(r: Float32Array) {
        const chosen = [0, 1, 2, columns - 2, columns - 1];
        const sample = chosen.map((j) => Float64Array.from({ length: rows }, (_, t) => x[t * columns + j]!));
        const truth = correlation(sample, sample);
        const errors = chosen.flatMap((i, a) => chosen.map((j, b) => Math.abs(r[i * columns + j]! - truth[a]![b]!)));
        const worst = Math.max(...errors);
        if (!(worst <= 1e-7)) throw new Error(`r is wrong by ${worst}`);
        return worst;
      },
      python: {
        "numpy.corrcoef": {
          setup: `import numpy as np; g = np.random.default_rng(1)
x = g.standard_normal((${rows}, ${columns}), np.float32)`,
          run: "np.corrcoef(x, rowvar=False)",
        },
        "torch.corrcoef": {
          setup: `import torch; x = torch.randn(${rows}, ${columns})`,
          run: "torch.corrcoef(x.T)",
        },
      },
      dispose: () => buffer[Symbol.dispose](),
    };
  },
});

/** Normal numbers around 5, each column leaning on the one before; a short stretch of them again and again. */
function numbers(rows: number, columns: number): Float32Array {
  const next = normal(random(1));
  const noise = Float32Array.from({ length: 1 << 20 }, next);
  const values = new Float32Array(rows * columns);
  for (let at = 0; at < values.length; at++) {
    values[at] = 5 + noise[(at * 7 + (at >>> 15)) & 0xfffff]! + (at % columns > 0 ? (values[at - 1]! - 5) / 2 : 0);
  }
  return values;
}
