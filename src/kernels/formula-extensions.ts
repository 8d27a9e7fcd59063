import { type BitMatrix, wordsPerRow } from "../core/bits.js";
import { ArgumentError } from "../core/errors.js";
import type { Device } from "../device/device.js";
import { describeKernel } from "../device/kernel.js";
import { bitCounts } from "./bit-counts.js";
import { overlap } from "./overlap.js";
import { given, runOnce, wanted } from "./run-once.js";

/** How a formula takes in one concept more; a chain holds their places in this list. */
export const operators = ["OR", "AND", "AND NOT"] as const;

/** What stands where a chain has ended, and where there are fewer extensions than asked for. */
export const none = 0xffffffff;

/** Numbers of a formula before its chain: its rows in the mask, and all its rows. */
export const formulaHead = 2;

/**
 * The best extensions of each neuron's formulas by one concept: of all F OR c, F AND c and F AND NOT c with |c ∧ mask| > 0, those with the largest
 * IoU = |E ∧ mask| / |E ∨ mask| > 0, compared as fractions; ties go to the lower slot, concept and operator.
 *
 * A neuron has `beam` slots of formulas, each |F ∧ mask|, |F| and a chain of at most `length` links concept · 4 + operator (the first link's operator
 * counts for nothing); a slot whose |F ∧ mask| is 0 is empty. `shared` is |c ∧ mask|, `sizes` |c| and `maskSizes` |mask|. `out` has, best first, `beam`
 * extensions of slot · 4 + operator, concept, |E ∧ mask| and |E|.
 */
export const formulaExtensionsKernel = describeKernel({
  name: "formula-extensions",
  operands: {
    masks: { type: "u32", access: "read" },
    concepts: { type: "u32", access: "read" },
    sizes: { type: "u32", access: "read" },
    shared: { type: "u32", access: "read" },
    maskSizes: { type: "u32", access: "read" },
    formulas: { type: "u32", access: "read" },
    out: { type: "u32", access: "write" },
  },
  parameters: { neurons: "u32", concepts: "u32", words: "u32", beam: "u32", length: "u32" },
  groups: ({ neurons }) => neurons,
  axes: { neurons: { masks: 0, shared: 0, maskSizes: 0, formulas: 0, out: 0 } },
});

/** A formula over concepts, from its first one on: ((a op b) op c) … */
export interface ChainFormula {
  /** concept · 4 + operator; the first link's operator is 0. */
  readonly chain: readonly number[];
  /** Rows that it shares with the neuron's mask. */
  readonly both: number;
  /** Rows on which it holds. */
  readonly size: number;
}

/** A formula of the given ones and one concept more. */
export interface Extension {
  readonly slot: number;
  readonly operator: number;
  readonly concept: number;
  readonly both: number;
  readonly size: number;
}

/**
 * The best extensions of each mask's formulas by one concept.
 *
 * @param formulas at most `beam` for each mask
 * @returns at most `beam` for each mask, best first
 */
export async function formulaExtensions(
  device: Device,
  masks: BitMatrix,
  concepts: BitMatrix,
  formulas: readonly (readonly ChainFormula[])[],
  beam: number,
): Promise<Extension[][]> {
  const words = wordsPerRow(masks.columns);
  const counts = await overlap(device, masks, concepts);
  checkFormulas(formulas, { neurons: masks.rows, concepts: concepts.rows, beam });
  if (masks.rows * concepts.rows * words === 0) return formulas.map(() => []);
  const length = Math.max(1, ...formulas.flat().map(({ chain }) => chain.length));
  const { out } = await runOnce(
    device,
    formulaExtensionsKernel,
    {
      masks: given(masks.bits, [masks.rows, words]),
      concepts: given(concepts.bits, [concepts.rows, words]),
      sizes: given(await bitCounts(device, concepts), [concepts.rows]),
      shared: given(counts.both, [masks.rows, concepts.rows]),
      maskSizes: given(counts.masks, [masks.rows]),
      formulas: given(packFormulas(formulas, beam, length), [masks.rows, beam * (length + formulaHead)]),
      out: wanted("u32", [masks.rows, 4 * beam]),
    },
    { neurons: masks.rows, concepts: concepts.rows, words, beam, length },
  );
  return formulas.map((_, neuron) => unpackExtensions(out as Uint32Array, neuron, beam));
}

/** Formulas as the kernel reads them: neurons × beam · (length + 2). */
export function packFormulas(
  formulas: readonly (readonly ChainFormula[])[],
  beam: number,
  length: number,
): Uint32Array<ArrayBuffer> {
  const stride = length + formulaHead;
  const packed = new Uint32Array(formulas.length * beam * stride);
  formulas.forEach((own, neuron) => {
    own.forEach(({ chain, both, size }, slot) => {
      const at = (neuron * beam + slot) * stride;
      packed.fill(none, at, at + stride);
      packed.set([both, size, ...chain], at);
    });
  });
  return packed;
}

/** The extensions of one neuron, best first. */
export function unpackExtensions(out: Uint32Array, neuron: number, beam: number): Extension[] {
  const found: Extension[] = [];
  for (let at = neuron * beam * 4; at < (neuron + 1) * beam * 4 && out[at] !== none; at += 4) {
    const code = out[at]!;
    found.push({ slot: code >>> 2, operator: code & 3, concept: out[at + 1]!, both: out[at + 2]!, size: out[at + 3]! });
  }
  return found;
}

function checkFormulas(
  formulas: readonly (readonly ChainFormula[])[],
  { neurons, concepts, beam }: { readonly neurons: number; readonly concepts: number; readonly beam: number },
): void {
  if (!Number.isSafeInteger(beam) || beam < 1) throw new ArgumentError("beam", "a positive integer", beam);
  if (formulas.length !== neurons) throw new ArgumentError("formulas", `${neurons} lists, one a mask`, formulas.length);
  const most = Math.max(0, ...formulas.map((own) => own.length));
  if (most > beam) throw new ArgumentError("formulas", `at most ${beam} (the beam) a mask`, most);
  checkCodes(concepts, beam);
  const stranger = formulas
    .flat()
    .flatMap(({ chain }) => chain.filter((link) => link >>> 2 >= concepts || (link & 3) > 2));
  if (stranger.length > 0)
    throw new ArgumentError("chain", `concepts below ${concepts} and operators below 3`, stranger[0]);
}

/** Checks that every extension of every slot has a number. @throws ArgumentError */
export function checkCodes(concepts: number, beam: number): void {
  if (3 * concepts * beam < 2 ** 32 && concepts < 2 ** 30) return;
  throw new ArgumentError(
    "beam",
    `at most ${Math.floor((2 ** 32 - 1) / (3 * concepts))} for ${concepts} concepts`,
    beam,
  );
}
