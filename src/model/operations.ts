import type { Step } from "../device/plan.js";
import { productKernel } from "../kernels/product.js";

/**
 * Multiplications and additions of all products of a plan: 2 · rows · inner · columns each.
 *
 * @param given the parameters of a submit
 */
export function countOperations(steps: readonly Step[], given: Readonly<Record<string, number>>): number {
  const products = steps.filter(({ kernel }) => kernel.name === productKernel.name);
  return products.reduce((sum, { parameters }) => {
    const sizes = parameters.map((size) => (typeof size === "number" ? size : given[size.parameter]!));
    return sum + sizes.reduce((product, size) => product * size, 2); // rows, inner, columns
  }, 0);
}
