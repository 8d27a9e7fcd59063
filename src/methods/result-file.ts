import { basename, dirname, join } from "node:path";
import { FileError } from "../core/errors.js";
import { writeFileAtomically } from "../core/files.js";
import { readText } from "../core/reading.js";
import type { Explanation } from "./corpus/explanation.js";
import { readNeurons, writeNeurons } from "./explanation-file.js";
import { isNumberArray, jsonPieces } from "./json.js";
import type { Order } from "./result.js";
import { type AnyResult, checkResult, isRecord } from "./result-check.js";
import { readValues, writeValues } from "./values-file.js";

/** Above this many numbers, the values of a ranking stand in a Parquet file beside it; so do this many explained neurons. */
const largestValues = 1_000_000;
const largestNeurons = 30_000;

/**
 * Writes a result as one `.json`, whole or not at all; the values of a ranking with more than a million numbers
 * go to a `.parquet` of the same name beside it, and `values` is `{file}`; so do the `neurons` of an explanation of more
 * than 30,000.
 *
 * @throws FileError if the path cannot be written; ArgumentError naming a field that holds NaN or an infinity
 */
export async function writeResult(path: string, result: AnyResult, signal?: AbortSignal): Promise<void> {
  await writeFileAtomically(path, jsonPieces(await withLargeValuesApart(path, result, signal)), signal);
}

/**
 * Reads a result that `writeResult` wrote, typed arrays and all.
 *
 * @throws FileError if it is not one: broken JSON, an unknown kind, a field that is missing or of a wrong length
 */
export async function readResult(path: string): Promise<AnyResult> {
  const text = await readText(path);
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    throw new FileError(path, "is not JSON", undefined, { cause });
  }
  const result = checkResult(path, read);
  if (result.kind === "explanation" && "neurons" in result && isRecord(result.neurons)) {
    return { ...result, neurons: await readNeurons(join(dirname(path), String(result.neurons.file))) } as AnyResult;
  }
  if (!("values" in result) || !isRecord(result.values)) return result;
  const file = result.values.file;
  if (result.kind !== "ranking" || typeof file !== "string") return result;
  return { ...result, values: await readValues(join(dirname(path), file)) } as AnyResult;
}

async function withLargeValuesApart(path: string, result: AnyResult, signal?: AbortSignal): Promise<AnyResult> {
  const file = `${path.replace(/\.json$/, "")}.parquet`;
  if (isExplanation(result) && result.neurons.length > largestNeurons) {
    await writeNeurons(file, result.neurons);
    return { ...result, neurons: { file: basename(file) } } as AnyResult;
  }
  if (result.kind !== "ranking" || !("values" in result) || !isRecord(result.values)) return result;
  const orders = Object.entries(result.values) as [string, Order][];
  const numbers = orders.reduce((sum, [, order]) => sum + count(order), 0);
  if (numbers <= largestValues) return result;
  await writeValues(file, orders, signal);
  return { ...result, values: { file: basename(file) } } as AnyResult;
}

function isExplanation(result: AnyResult): result is Explanation {
  return result.kind === "explanation" && "neurons" in result && Array.isArray(result.neurons);
}

function count(order: object): number {
  return Object.values(order).reduce((sum, field) => sum + (isNumberArray(field) ? field.length : 0), 0);
}
