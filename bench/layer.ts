import type { Case } from "./measure.js";
import type { Prepared } from "./prepared.js";
import type { PythonPeer } from "./python.js";

/** What a kernel call should have written at the start of an operand. */
export interface Truth<Operand extends string> {
  readonly operand: Operand;
  /** Elements of the whole operand. */
  readonly elements: number;
  readonly values: readonly number[];
  /** The largest absolute error that is right. */
  readonly tolerance: number;
}

/** A prepared call as a benchmark's case: its first results are compared with the slow truth, then it is timed. */
export function layerCase<Operand extends string>(
  call: Prepared<Operand>,
  { operand, elements, values, tolerance }: Truth<Operand>,
  peers: { readonly plain?: () => unknown; readonly torch?: PythonPeer } = {},
): Case<void> {
  return {
    run: () => call.run(),
    async check() {
      const got = await call.read(operand, new Float32Array(elements));
      let worst = 0;
      values.forEach((value, at) => {
        const error = Math.abs(got[at]! - value);
        if (!(error <= tolerance)) throw new Error(`${operand}[${at}] is ${got[at]} and should be ${value}`);
        worst = Math.max(worst, error);
      });
      return worst;
    },
    ...(peers.plain && { peers: { "plain TypeScript": peers.plain } }),
    ...(peers.torch && { python: { torch: peers.torch } }),
    dispose: () => call[Symbol.dispose](),
  };
}

/** Lines of Python that make float32 tensors of standard normal numbers. */
export function torchTensors(shapes: Readonly<Record<string, readonly number[]>>): string {
  const lines = Object.entries(shapes).map(([name, shape]) => `${name} = torch.randn(${shape.join(", ")})`);
  return ["import torch; import torch.nn.functional as F; torch.manual_seed(1)", ...lines].join("\n");
}
