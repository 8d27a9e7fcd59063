import { withParquet } from "../activations/parquet-file.js";
import { FileError } from "../core/errors.js";
import { writeAtomically } from "../core/files.js";
import { orderOf } from "./order.js";
import type { Order } from "./result.js";

/** Numbers beside the scores that the ranking of one value may have. */
const extras = [
  ...["chance", "ceiling", "adjusted", "precision", "recall", "phi", "p", "q", "familywise"],
  ...["signs", "on_p50", "on_p90", "off_mean", "r2"],
];

/** How numbers are kept: hardly two are the same, so that looking for those that are only takes time. */
const numbers = { type: "DOUBLE", nullable: false, encoding: "PLAIN", statistics: false } as const;

/** Least rows of a row group. */
const groupRows = 1 << 17;

/** The ranking of one value of a concept: an order with what its method adds. */
type ValueOrder = Order & { readonly [name: string]: Float64Array | Int8Array | Uint32Array };

/** Writes rankings, one per value of a concept, as Parquet rows (value, column, score, …), value by value. */
export async function writeValues(
  path: string,
  values: readonly (readonly [string, Order])[],
  signal?: AbortSignal,
): Promise<void> {
  const { ParquetWriter, fileWriter, schemaFromColumnData } = await import("hyparquet-writer");
  const orders = values as readonly (readonly [string, ValueOrder])[];
  const present = extras.filter((name) => orders.every(([, order]) => order[name]));
  const schema = schemaFromColumnData({ columnData: columnsOf([], present) });
  const width = Math.max(1, orders[0]?.[1].scores.length ?? 1);
  const together = Math.ceil(groupRows / width);
  await writeAtomically(path, async (partial) => {
    const writer = new ParquetWriter({ writer: fileWriter(partial), schema });
    for (let first = 0; first < orders.length; first += together) {
      signal?.throwIfAborted();
      const columnData = columnsOf(orders.slice(first, first + together), present);
      await writer.write({ columnData, rowGroupSize: Math.max(1, columnData[0]!.data.length) });
    }
    await writer.finish();
  });
}

function columnsOf(values: readonly (readonly [string, ValueOrder])[], present: readonly string[]) {
  const rows = values.reduce((sum, [, { scores }]) => sum + scores.length, 0);
  const gather = (name: string): Float64Array => {
    const all = new Float64Array(rows);
    let at = 0;
    for (const [, order] of values) {
      all.set(order[name]!, at);
      at += order.scores.length;
    }
    return all;
  };
  const names = values.flatMap(([value, { scores }]) => Array<string>(scores.length).fill(value));
  const columns = Int32Array.from(values.flatMap(([, { scores }]) => [...scores.keys()]));
  return [
    { name: "value", data: names, type: "STRING" as const, nullable: false },
    { name: "column", data: columns, type: "INT32" as const, nullable: false },
    { name: "score", data: gather("scores"), ...numbers },
    ...present.map((name) => ({ name, data: gather(name), ...numbers })),
  ];
}

/** Reads what `writeValues` wrote. @throws FileError if it is not such a file */
export async function readValues(path: string): Promise<Readonly<Record<string, ValueOrder>>> {
  return await withParquet(path, async (file) => {
    const missing = ["value", "column", "score"].filter((name) => !file.columns.includes(name));
    if (missing.length > 0)
      throw new FileError(path, `is not the values of a ranking: no column ${missing.join(", ")}`);
    const names: string[] = Array(file.rows).fill("");
    await file.read("value", (read, first) => {
      for (let i = 0; i < read.length; i++) names[first + i] = String(read[i]);
    });
    const read = async (name: string): Promise<Float64Array> => {
      const numbers = new Float64Array(file.rows);
      await file.read(name, (values, first) => numbers.set(Array.from(values, Number), first));
      return numbers;
    };
    const columns = await read("column");
    const fields = new Map<string, Float64Array>([["scores", await read("score")]]);
    for (const name of extras) if (file.columns.includes(name)) fields.set(name, await read(name));
    return collect(names, columns, fields);
  });
}

function collect(
  names: readonly string[],
  columns: Float64Array,
  fields: ReadonlyMap<string, Float64Array>,
): Record<string, ValueOrder> {
  const rows = new Map<string, number[]>();
  names.forEach((name, row) => {
    const known = rows.get(name);
    if (known) known.push(row);
    else rows.set(name, [row]);
  });
  return Object.fromEntries([...rows].map(([name, own]) => [name, orderAt(own, columns, fields)]));
}

function orderAt(
  rows: readonly number[],
  columns: Float64Array,
  fields: ReadonlyMap<string, Float64Array>,
): ValueOrder {
  const taken = [...fields].map(([name, all]) => {
    const field = name === "signs" ? new Int8Array(rows.length) : new Float64Array(rows.length);
    for (const row of rows) field[columns[row]!] = all[row]!;
    return [name, field] as const;
  });
  const own = Object.fromEntries(taken) as Record<string, Float64Array | Int8Array>;
  const scores = own.scores as Float64Array;
  return { ...own, order: orderOf(scores), scores };
}
