import { ArgumentError } from "../core/errors.js";

const pieceLength = 1 << 16;

/** Typed arrays that results hold; they are written as JSON arrays. */
export type NumberArray = (typeof numberArrays)[number]["prototype"];

const numberArrays = [Float64Array, Float32Array, Uint32Array, Int32Array, Uint8Array, Int8Array] as const;

/** Whether a value is a typed array that results may hold. */
export function isNumberArray(value: unknown): value is NumberArray {
  return numberArrays.some((type) => value instanceof type);
}

/**
 * JSON text of a result in pieces of about 64 KiB, so that no string grows with the result: one line per field,
 * typed arrays as arrays with all their digits, fields that are undefined left out.
 *
 * @throws ArgumentError naming the field that holds NaN or an infinity, which JSON cannot say
 */
export function* jsonPieces(value: unknown): Generator<string> {
  let piece = "";
  for (const token of tokens(value, "result", 0)) {
    piece += token;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = "";
  }
  yield `${piece}\n`;
}

function* tokens(value: unknown, path: string, depth: number): Generator<string> {
  if (isNumberArray(value)) yield* numbers(value, path);
  else if (Array.isArray(value)) yield* elements(value, path, depth);
  else if (typeof value === "object" && value !== null) yield* fields(value, path, depth);
  else yield scalar(value, path);
}

function* numbers(values: NumberArray, path: string): Generator<string> {
  yield "[";
  for (let start = 0; start < values.length; start += 4096) {
    const part = values.subarray(start, start + 4096);
    const wrong = part.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) throw new ArgumentError(`${path}[${start + wrong}]`, "a finite number", part[wrong]);
    yield (start === 0 ? "" : ",") + part.join(",");
  }
  yield "]";
}

function* elements(values: readonly unknown[], path: string, depth: number): Generator<string> {
  yield "[";
  for (const [index, value] of values.entries()) {
    if (index > 0) yield ",";
    yield* tokens(value, `${path}[${index}]`, depth + 2);
  }
  yield "]";
}

function* fields(value: object, path: string, depth: number): Generator<string> {
  const line = depth < 2 ? `\n${"  ".repeat(depth + 1)}` : "";
  let separator = "{";
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue;
    yield `${separator}${line}${JSON.stringify(name)}:${depth < 2 ? " " : ""}`;
    yield* tokens(field, `${path}.${name}`, depth + 1);
    separator = ",";
  }
  if (separator === "{") yield "{}";
  else yield depth < 2 ? `\n${"  ".repeat(depth)}}` : "}";
}

function scalar(value: unknown, path: string): string {
  if (typeof value === "number" && !Number.isFinite(value)) throw new ArgumentError(path, "a finite number", value);
  const text = JSON.stringify(value);
  if (text === undefined) throw new ArgumentError(path, "a value that JSON can say", value);
  return text;
}
