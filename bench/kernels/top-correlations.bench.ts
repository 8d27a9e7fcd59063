import { normal, random } from "../../src/core/random.js";
import { type TopCorrelations, topCorrelations } from "../../src/kernels/top-correlations.js";
import { correlation } from "../../test/reference/gram.js";
import { benchmark } from "../measure.js";
import type { PythonPeer } from "../python.js";

const COUNT = 10;
const ROWS = 16_384;

await measure("one source");
await measure("two sources");

async function measure(sources: "one source" | "two sources"): Promise<void> {
  const two = sources === "two sources";
  const size = (columns: number) => ({ label: `${ROWS} × ${columns}${two ? " and as many" : ""}`, columns });
  await benchmark({
    name: "top-correlations",
    about: `The ${COUNT} strongest |r| of each column, without the matrix: with the other columns, counted as columns² · rows (half of a full product), or with as many columns of another source, counted as 2 · columns² · rows`,
    dtype: "f32 sums in f64",
    sizes: [size(1024), size(2048), size(4096)],
    unit: "flop",
    work: ({ columns }) => (two ? 2 : 1) * columns * columns * ROWS,
    prepare: (device, { columns }) => {
      const x = numbers(columns, 1);
      const y = two ? numbers(columns, 2) : x;
      for (let t = 0; t < ROWS; t++) y[t * columns + columns - 1]! += 2 * x[t * columns + 5]!;
      const [left, right] = [device.upload(x), two ? device.upload(y) : undefined];
      const column = (of: Float32Array, j: number) =>
        Float64Array.from({ length: ROWS }, (_, t) => of[t * columns + j]!);
      const input = { rows: ROWS, columns, x: left, count: COUNT, ...(right && { y: right, others: columns }) };
      return {
        run: () => topCorrelations(device, input),
        check(found: TopCorrelations) {
          const j = found.columns[5 * COUNT]!;
          const error = Math.abs(correlation([column(x, 5)], [column(y, j)])[0]![0]! - found.r[5 * COUNT]!);
          if (j !== columns - 1 || !(error < 1e-6)) throw new Error(`column 5 goes with ${j}, r wrong by ${error}`);
          return error;
        },
        python: two ? twoSources(columns) : oneSource(columns),
        dispose: () => {
          left[Symbol.dispose]();
          right?.[Symbol.dispose]();
        },
      };
    },
  });
}

function numbers(columns: number, seed: number): Float32Array {
  const noise = Float32Array.from({ length: 1 << 20 }, normal(random(seed)));
  return Float32Array.from({ length: ROWS * columns }, (_, at) => noise[(at * 7 + (at >>> 15)) & 0xfffff]!);
}

function oneSource(columns: number): Readonly<Record<string, PythonPeer>> {
  const setup = `import torch; x = torch.randn(${ROWS}, ${columns})`;
  const strongest = `r.abs_().fill_diagonal_(-1).topk(${COUNT})`;
  return {
    ...(columns === 1024 && { "torch.corrcoef + topk": { setup, run: `r = torch.corrcoef(x.T); ${strongest}` } }),
    "torch product + topk": { setup, run: `z = x - x.mean(0); z /= z.norm(dim=0); r = z.T @ z; ${strongest}` },
  };
}

function twoSources(columns: number): Readonly<Record<string, PythonPeer>> {
  const setup = `import torch; x, y = torch.randn(${ROWS}, ${columns}), torch.randn(${ROWS}, ${columns})`;
  const strongest = `r.abs_().topk(${COUNT})`;
  const all = `r = torch.corrcoef(torch.cat([x, y], 1).T)[:${columns}, ${columns}:].contiguous()`;
  const standardised = "z = x - x.mean(0); z /= z.norm(dim=0); w = y - y.mean(0); w /= w.norm(dim=0)";
  return {
    ...(columns === 1024 && { "torch.corrcoef + topk": { setup, run: `${all}; ${strongest}` } }),
    "torch product + topk": { setup, run: `${standardised}; r = z.T @ w; ${strongest}` },
  };
}
