import { normal, random } from "../../src/core/random.js";
import { correlationKernel } from "../../src/kernels/correlation.js";
import { wide } from "../../src/kernels/float64.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { correlation as reference } from "../../test/reference/correlation.js";
import { layerCase } from "../layer.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const size = (columns: number) => ({ label: `${columns} × ${columns}`, columns });

await benchmark({
  name: "correlation",
  about: "r of float64 sums of products, mirrored; bytes of the sums' half that is read, and of r",
  dtype: "float64 to float32",
  unit: "byte",
  sizes: [size(1024), size(2048), size(4096)],
  work: ({ columns }) => 8 * columns * columns,
  prepare(device, { columns }) {
    const next = normal(random(columns));
    const stride = columns + 32;
    const sums = Array.from({ length: columns * stride }, next);
    const zeros = new Float64Array(columns);
    const moments = { sums: zeros, means: zeros, scales: new Float64Array(columns).fill(0.1) };
    const operands = {
      sums: given(wide(device, sums), [columns, 2 * stride]),
      moments: given(wide(device, [...zeros, ...zeros, ...moments.scales]), [3, 2 * columns]),
      r: wanted("f32", [columns, columns]),
    };
    const call = prepareCall(device, correlationKernel, operands, { columns, others: columns }, { symmetric: 1 });
    const first = { sums: zeros.subarray(0, 1), means: zeros.subarray(0, 1), scales: moments.scales.subarray(0, 1) };
    const [row] = reference((_, j) => sums[j]!, first, moments);
    const values = [1, ...row!.slice(1)];
    const truth = { operand: "r", elements: columns * columns, values, tolerance: 1e-7 } as const;
    return layerCase(call, truth, {
      torch: {
        setup: `import torch; n = ${columns}; s = torch.randn(n, n, dtype=torch.float64); m = torch.zeros(n, dtype=torch.float64); k = m + .1`,
        run: "r = ((s - torch.outer(m, m)) * k[:, None] * k).clamp_(-1, 1).float()",
      },
    });
  },
});
