import { DeviceError } from "../core/errors.js";
import { axesOf, extentOf, type Resolved, spanOf, startOf } from "./check.js";
import type { Step } from "./plan.js";

/** What one binding and one dispatch may hold. Tests inject small ones. */
export interface GpuLimits {
  readonly bindingBytes: number;
  readonly groupsPerDimension: number;
}

/** Part of one step: the parameters it runs with, and per operand the window that is bound. */
export interface Piece {
  readonly parameters: readonly number[];
  readonly windows: readonly (Window | null)[];
}

/** Elements of an operand's memory. */
export interface Window {
  readonly start: number;
  readonly span: number;
}

/** Bindings start at multiples of this many elements (256 bytes). */
export const windowAlignment = 64;

/** Where a piece lies: the parameters and how far each operand has moved. */
interface Cut {
  readonly parameters: readonly number[];
  readonly moved: readonly number[];
}

/**
 * Cuts one step into pieces whose operands each fit one binding, along the axes that its kernel
 * declares, halving the parameter that shortens the longest operand most.
 *
 * @throws DeviceError with the numbers, if no axis helps
 */
export function cut(step: Step, resolved: Resolved, limits: GpuLimits): Piece[] {
  const parameters = step.parameters.map(resolved.numberOf);
  const waiting: Cut[] = [{ parameters, moved: step.operands.map(() => 0) }];
  const pieces: Piece[] = [];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const windows = windowsOf(step, next, resolved);
    const tooLong = windows.findIndex((window) => window !== null && boundBytes(window) > limits.bindingBytes);
    if (tooLong < 0) pieces.push({ parameters: next.parameters, windows });
    else waiting.push(...halve(step, next, tooLong, limits).reverse());
  }
  return pieces;
}

function windowsOf(step: Step, { parameters, moved }: Cut, resolved: Resolved): (Window | null)[] {
  return step.operands.map((value, i) => {
    if (value === null) return null;
    const start = startOf(value, resolved.numberOf) + moved[i]!;
    return { start, span: spanOf(extentOf(step, i, parameters), value.strides) };
  });
}

/** Bytes that a binding of this window takes, its alignment included. */
export function boundBytes({ start, span }: Window): number {
  return ((start % windowAlignment) + Math.max(span, 1)) * 4;
}

function halve(step: Step, { parameters, moved }: Cut, operand: number, limits: GpuLimits): [Cut, Cut] {
  const axis = longestAxis(step, operand, parameters);
  if (axis === undefined) throw tooLarge(step, operand, parameters, limits);
  const size = parameters[axis]!;
  const half = Math.ceil(size / 2);
  const first = half >= windowAlignment ? Math.ceil(half / windowAlignment) * windowAlignment : half;
  const kept = first < size ? first : half;
  return [
    { parameters: parameters.with(axis, kept), moved },
    {
      parameters: parameters.with(axis, size - kept),
      moved: moved.map((by, i) => by + kept * strideAlong(step, i, axis)),
    },
  ];
}

/** The parameter along which halving shortens the operand most; undefined if none can. */
function longestAxis(step: Step, operand: number, parameters: readonly number[]): number | undefined {
  let best: number | undefined;
  let most = 0;
  const names = Object.keys(step.kernel.parameters);
  parameters.forEach((size, axis) => {
    if (step.kernel.whole?.includes(names[axis]!)) return;
    const reach = (size - 1) * strideAlong(step, operand, axis);
    if (reach > most) [best, most] = [axis, reach];
  });
  return best;
}

/** How far an operand's window moves for each unit of a parameter. */
function strideAlong(step: Step, operand: number, axis: number): number {
  const parameter = Object.keys(step.kernel.parameters)[axis]!;
  const name = Object.keys(step.kernel.operands)[operand]!;
  const dimension = axesOf(step)[parameter]?.[name];
  return dimension === undefined ? 0 : (step.operands[operand]?.strides[dimension] ?? 0);
}

function tooLarge(step: Step, operand: number, parameters: readonly number[], limits: GpuLimits): DeviceError {
  const name = Object.keys(step.kernel.operands)[operand]!;
  const bytes = spanOf(extentOf(step, operand, parameters), step.operands[operand]!.strides) * 4;
  return new DeviceError(
    "webgpu",
    `${step.kernel.name} needs ${bytes} bytes of ${name} at once and one binding holds ${limits.bindingBytes}`,
  );
}

/** One dispatch: a grid of workgroups, numbered from `first`. */
export interface Dispatch {
  readonly first: number;
  readonly grid: readonly [x: number, y: number, z: number];
}

/** Folds `groups` workgroups into grids that fit the limit per dimension; a grid may be larger than asked. */
export function fold(groups: number, { groupsPerDimension: limit }: GpuLimits): Dispatch[] {
  const dispatches: Dispatch[] = [];
  for (let first = 0; first < groups; ) {
    const left = groups - first;
    const x = Math.min(left, limit);
    const y = Math.min(Math.ceil(left / x), limit);
    const z = Math.min(Math.ceil(left / (x * y)), limit);
    dispatches.push({ first, grid: [x, y, z] });
    first += x * y * z;
  }
  return dispatches;
}
