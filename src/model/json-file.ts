import { FileError } from "../core/errors.js";
import { readText } from "../core/reading.js";

/** An object as JSON gives it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads a JSON file that holds an object.
 *
 * @param expected what the file is, for the error: "a config.json"
 * @throws FileError if it is missing, not JSON, or not an object
 */
export async function readJsonFile(path: string, expected: string): Promise<JsonObject> {
  const text = await readText(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const position = /position (\d+)/.exec(String(cause))?.[1];
    const where = position === undefined ? undefined : `line ${text.slice(0, Number(position)).split("\n").length}`;
    throw new FileError(path, `Expected ${expected} but it is not valid JSON`, where, { cause });
  }
  if (!isJsonObject(value)) throw new FileError(path, `Expected ${expected} that holds an object`);
  return value;
}

/** Whether a value from JSON is an object with keys. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
