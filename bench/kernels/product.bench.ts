import { normal, random } from "../../src/core/random.js";
import { pack, packedElements } from "../../src/kernels/pack.js";
import { productKernel, productOptions } from "../../src/kernels/product.js";
import { given, wanted } from "../../src/kernels/run-once.js";
import { activations, product as reference } from "../../test/reference/product.js";
import { benchmark } from "../measure.js";
import { prepareCall } from "../prepared.js";

const size = (rows: number, inner: number, columns: number) => {
  return { label: `${rows} × ${inner} × ${columns}`, rows, inner, columns };
};
type Size = ReturnType<typeof size>;

const about = "float32 products by a prepared weight";
const numbers = (count: number, seed: number) => Float32Array.from({ length: count }, normal(random(seed)));

await measure(`${about}: square`, [size(1024, 1024, 1024), size(2048, 2048, 2048), size(4096, 4096, 4096)], "none");
await measure(
  `${about}, bias and GELU: the up-projections of MiniLM, GPT-2 small and GPT-2 medium`,
  [size(1024, 384, 1536), size(1024, 768, 3072), size(1024, 1024, 4096)],
  "gelu",
);
await measure(`${about}: one row`, [size(1, 768, 3072), size(1, 2048, 8192), size(1, 4096, 16384)], "none");

async function measure(about: string, sizes: readonly [Size, Size, Size], activation: "none" | "gelu"): Promise<void> {
  await benchmark<Size, void>({
    name: "product",
    about,
    dtype: "f32",
    sizes,
    unit: "flop",
    work: ({ rows, inner, columns }) => 2 * rows * inner * columns,
    async prepare(device, { rows, inner, columns }) {
      const a = numbers(rows * inner, 1);
      const weight = numbers(inner * columns, 2);
      const bias = numbers(columns, 3);
      const b = await pack(device, weight, { inner, columns, layout: "columns × inner" });
      const call = prepareCall(
        device,
        productKernel,
        {
          a: given(a, [rows, inner]),
          b: given(b, [packedElements(inner, columns)]),
          bias: given(bias, [columns]),
          residual: given(new Float32Array(rows * columns), [rows, columns]),
          out: wanted("f32", [rows, columns]),
        },
        { rows, inner, columns },
        productOptions({ layout: "packed", activation }),
      );
      const left = (i: number, k: number) => a[i * inner + k]!;
      return {
        run: () => call.run(),
        async check() {
          const out = await call.read("out", new Float32Array(rows * columns));
          let worst = 0;
          for (let at = 0; at < out.length; at += Math.ceil(out.length / 97)) {
            const [row, column] = [Math.floor(at / columns), at % columns];
            const sum = reference(
              1,
              inner,
              1,
              (_, k) => left(row, k),
              (k) => weight[column * inner + k]!,
            )[0]!;
            const truth = activations[activation](sum + bias[column]!);
            worst = Math.max(worst, Math.abs(out[at]! - truth) / Math.sqrt(inner));
          }
          const allowed = 2e-7 * Math.sqrt(inner); // rounding of a float32 chain that grows like the sum
          if (!(worst < allowed))
            throw new Error(`the largest error is ${worst} of the size of a sum, and ${allowed} is allowed`);
          return worst;
        },
        python: {
          numpy: {
            setup: `import numpy as np; g = np.random.default_rng(1)
a = g.standard_normal((${rows}, ${inner}), np.float32); b = g.standard_normal((${columns}, ${inner}), np.float32).T`,
            run: "a @ b",
          },
          torch: {
            setup: `import torch; a = torch.randn(${rows}, ${inner}); b = torch.randn(${columns}, ${inner}); c = torch.randn(${columns})`,
            run:
              activation === "gelu"
                ? "torch.nn.functional.gelu(torch.nn.functional.linear(a, b, c))"
                : "torch.nn.functional.linear(a, b, c)",
          },
        },
        dispose: () => call[Symbol.dispose](),
      };
    },
  });
}
