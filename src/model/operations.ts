import type { Step } from "../device/plan.js";
import { changedProductKernel } from "../kernels/changed-product.js";
import { mixLossKernel } from "../kernels/mix-loss.js";
import { mixRowsKernel } from "../kernels/mix-rows.js";
import { productKernel } from "../kernels/product.js";
import { scaleRowsKernel } from "../kernels/scale-rows.js";

/**
 * Multiplications and additions of all products of a plan: 2 · rows · inner · columns each; where only what changed is
 * multiplied, 2 · rows · changed · columns, and 2 · rows · columns where a known row is added; where rows are made of two or
 * three that are known, 4 or 6 · rows · columns.
 *
 * @param given the parameters of a submit
 */
export function countOperations(steps: readonly Step[], given: Readonly<Record<string, number>>): number {
  const products = steps.map((step) => {
    const factors = factorsOf(step).map((size) => (typeof size === "number" ? size : given[size.parameter]!));
    return factors.reduce((product, size) => product * size, 2);
  });
  return products.reduce((sum, product) => sum + product, 0);
}

function factorsOf({ kernel, operands, parameters }: Step): Step["parameters"] {
  switch (kernel.name) {
    case productKernel.name:
      return parameters; // rows, inner, columns
    case changedProductKernel.name:
      return [parameters[0]!, parameters[2]!, parameters[4]!]; // rows, columns, changed
    case mixRowsKernel.name:
      return [parameters[0]!, parameters[1]!, operands[rest] ? 3 : 2]; // rows, width, terms
    case mixLossKernel.name:
      return [parameters[0]!, parameters[1]!, 2]; // rows, width, terms
    case scaleRowsKernel.name:
      return [parameters[0]!, parameters[1]!, operands[added] ? 1 : 0]; // rows, width, terms
    default:
      return [0];
  }
}

const rest = Object.keys(mixRowsKernel.operands).indexOf("rest");
const added = Object.keys(scaleRowsKernel.operands).indexOf("rest");
