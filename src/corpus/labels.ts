import { ArgumentError, FileError } from "../core/errors.js";
import { readNpy } from "../core/npy-values.js";
import { type Concept, checked, classesOf } from "./concepts.js";
import { readLines } from "./lines.js";

/**
 * The concept that a file of labels gives, one label per row: `.npy` with integers (classes) or booleans (one
 * concept), or text with a label a line, where an empty line labels nothing.
 *
 * @throws FileError for a file that is no such thing or has another number of labels than `rows`; ArgumentError where
 * no row or every row has the label
 */
export async function readLabels(path: string, rows: number): Promise<Concept> {
  const [value, labels] = path.toLowerCase().endsWith(".npy")
    ? await numberLabels(path)
    : [null, await textLabels(path)];
  if (labels.length !== rows)
    throw new FileError(path, `Expected ${rows} labels, one a row, but found ${labels.length}`);
  if (labels.every((label) => label === null)) throw new ArgumentError("labels", "labels with a positive", path);
  return checked(path, classesOf({ key: "labels", value }, labels));
}

async function textLabels(path: string): Promise<(string | null)[]> {
  return Array.from(await readLines(path), ({ text }) => (text === "" ? null : text));
}

/** Integers as classes, booleans as rows that have the value `true`. */
async function numberLabels(path: string): Promise<[value: string | null, labels: (string | null)[]]> {
  const { type, shape, values } = await readNpy(path);
  if (values.length !== Math.max(...shape)) {
    throw new FileError(path, `Expected one dimension of labels but found the shape (${shape.join(", ")})`);
  }
  if (type === "b1") return ["true", Array.from(values, (value) => (value === 0 ? null : "true"))];
  const fraction = values.findIndex((value) => !Number.isInteger(value));
  if (type.startsWith("f") || fraction >= 0) {
    throw new FileError(path, `Expected integers or booleans but found elements of type ${type}`);
  }
  return [null, Array.from(values, String)];
}
