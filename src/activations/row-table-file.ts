import { FileError } from "../core/errors.js";
import { writeAtomically } from "../core/files.js";
import { checkKnown } from "../core/suggest.js";
import type { RowKind, RowTable } from "../corpus/rows.js";
import { type ParquetFile, withParquet } from "./parquet-file.js";

/**
 * A table of rows as a Parquet file: the columns `sentence`, `position` and `text`, then one column per annotation.
 * Annotations with several values in a row are JSON. The file's metadata names the kind of row and the corpus.
 */
const FIXED = ["sentence", "position", "text"];
const METADATA_KEY = "neurometry";

type Annotation = string | readonly string[] | null;

/** What the file's metadata holds; `columns` pairs each annotation key with its column. */
interface TableMetadata {
  readonly kind: RowKind;
  readonly fingerprint: string;
  readonly columns: readonly (readonly [key: string, column: string])[];
}

/** The columns of a table of rows, as the Parquet writer takes them. */
export function tableColumns(table: RowTable) {
  return [
    { name: "sentence", data: Int32Array.from(table.sentence), type: "INT32" as const, nullable: false },
    { name: "position", data: Int32Array.from(table.position), type: "INT32" as const, nullable: false },
    { name: "text", data: [...table.text], type: "STRING" as const, nullable: false },
    ...table.keys.map((key) => {
      const data = [...table.column(key)];
      return { name: columnName(key), data, type: data.some(Array.isArray) ? ("JSON" as const) : ("STRING" as const) };
    }),
  ];
}

/** Writes a table of rows to a Parquet file, in one go or not at all. @throws FileError if it cannot be written */
export async function writeRowTable(path: string, table: RowTable): Promise<void> {
  const { parquetWriteFile } = await import("hyparquet-writer");
  const columns = table.keys.map((key) => [key, columnName(key)] as const);
  const metadata: TableMetadata = { kind: table.kind, fingerprint: table.fingerprint, columns };
  await writeAtomically(path, async (filename) => {
    const kvMetadata = [{ key: METADATA_KEY, value: JSON.stringify(metadata) }];
    parquetWriteFile({ filename, columnData: tableColumns(table), kvMetadata });
  });
}

/** Reads what `writeRowTable` wrote. @throws FileError if the file is missing, damaged, or another table */
export function readRowTable(path: string): Promise<RowTable> {
  return withParquet(path, async (file) => {
    const { kind, fingerprint, columns } = parseMetadata(path, file);
    const keys = columns.map(([key]) => key);
    const annotations = new Map<string, Annotations>();
    for (const [key, name] of columns) annotations.set(key, await readAnnotations(file, name));
    return {
      kind,
      rows: file.rows,
      sentence: await readNumbers(file, "sentence"),
      position: await readNumbers(file, "position"),
      text: (await readAnnotations(file, "text")).all().map(String),
      keys,
      column: (key) => annotations.get(checkKnown("key", key, keys))?.all() ?? [],
      fingerprint,
    };
  });
}

/** An annotation may be called as one of the fixed columns is. */
function columnName(key: string): string {
  return FIXED.includes(key) ? `annotation ${key}` : key;
}

async function readNumbers(file: ParquetFile, column: string): Promise<Uint32Array> {
  const numbers = new Uint32Array(file.rows);
  await file.read(column, (values, firstRow) => {
    for (let i = 0; i < values.length; i++) numbers[firstRow + i] = Number(values[i]);
  });
  return numbers;
}

async function readAnnotations(file: ParquetFile, column: string): Promise<Annotations> {
  const annotations = new Annotations(file.rows);
  await file.read(column, (values, firstRow) => {
    for (let i = 0; i < values.length; i++) annotations.set(firstRow + i, values[i]);
  });
  return annotations;
}

/** One annotation of all rows: a number per row into the list of its different values. */
class Annotations {
  readonly #codes: Uint32Array;
  readonly #values: Annotation[] = [];
  readonly #known = new Map<unknown, number>();

  constructor(rows: number) {
    this.#codes = new Uint32Array(rows);
  }

  set(row: number, value: unknown): void {
    const several = Array.isArray(value);
    const known = several ? `\0${JSON.stringify(value)}` : value;
    let code = this.#known.get(known);
    if (code === undefined) {
      code = this.#values.push(several ? value.map(String) : value === null ? null : String(value)) - 1;
      this.#known.set(known, code);
    }
    this.#codes[row] = code;
  }

  all(): Annotation[] {
    return Array.from(this.#codes, (code) => this.#values[code] ?? null);
  }
}

function parseMetadata(path: string, file: ParquetFile): TableMetadata {
  const text = file.metadata(METADATA_KEY);
  if (text === null) throw new FileError(path, "is not a table of rows: its metadata does not say so");
  return JSON.parse(text) as TableMetadata;
}
