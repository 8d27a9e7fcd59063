import { normal, random } from "../../src/core/random.js";
import { type TopCorrelations, topCorrelations } from "../../src/kernels/top-correlations.js";
import { correlation } from "../../test/reference/gram.js";
import { benchmark } from "../measure.js";

const COUNT = 10;
const ROWS = 16_384;
const size = (columns: number) => ({ label: `${ROWS} × ${columns}`, columns });

await benchmark({
  name: "top-correlations",
  about: `The ${COUNT} strongest |r| of each column with the others, counted as columns² · rows, without the matrix`,
  dtype: "f32 sums in f64",
  sizes: [size(1024), size(2048), size(4096)],
  unit: "flop",
  work: ({ columns }) => columns * columns * ROWS,
  prepare: (device, { columns }) => {
    const noise = Float32Array.from({ length: 1 << 20 }, normal(random(1)));
    const x = Float32Array.from({ length: ROWS * columns }, (_, at) => noise[(at * 7 + (at >>> 15)) & 0xfffff]!);
    for (let t = 0; t < ROWS; t++) x[t * columns + columns - 1]! += 2 * x[t * columns + 5]!;
    const buffer = device.upload(x);
    const column = (j: number) => Float64Array.from({ length: ROWS }, (_, t) => x[t * columns + j]!);
    return {
      run: () => topCorrelations(device, { rows: ROWS, columns, x: buffer, count: COUNT }),
      check(found: TopCorrelations) {
        const j = found.columns[5 * COUNT]!;
        const error = Math.abs(correlation([column(5)], [column(j)])[0]![0]! - found.r[5 * COUNT]!);
        if (j !== columns - 1 || !(error < 1e-6)) throw new Error(`column 5 goes with ${j}, r wrong by ${error}`);
        return error;
      },
      python: {
        "torch product + topk": {
          setup: `import torch; x = torch.randn(${ROWS}, ${columns})`,
          run: `z = x - x.mean(0); z = z / z.norm(dim=0); r = (z.T @ z).abs_(); r.fill_diagonal_(-1); r.topk(${COUNT})`,
        },
      },
      dispose: () => buffer[Symbol.dispose](),
    };
  },
});
