import type { ColumnSource } from "hyparquet-writer";
import { FileError } from "../core/errors.js";
import { writeFileAtomically } from "../core/files.js";
import { orderOf } from "./order.js";
import type { Order } from "./result.js";

/** Numbers beside the scores that the ranking of one value may have. */
const extras = ["chance", "ceiling", "adjusted", "signs"] as const;

/** The ranking of one value of a concept: an order with what its method adds. */
type ValueOrder = Order & { readonly [Name in (typeof extras)[number]]?: Float64Array | Int8Array };

/** Writes rankings, one per value of a concept, as Parquet rows (value, column, score, …), value by value. */
export async function writeValues(
  path: string,
  values: readonly (readonly [string, ValueOrder])[],
  signal?: AbortSignal,
): Promise<void> {
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const present = extras.filter((name) => values.every(([, order]) => order[name]));
  const gather = (field: (order: ValueOrder) => Float64Array | Int8Array) =>
    values.flatMap(([, order]) => Array.from(field(order)));
  const columnData: ColumnSource[] = [
    { name: "value", data: values.flatMap(([value, { scores }]) => Array(scores.length).fill(value)), type: "STRING" },
    { name: "column", data: values.flatMap(([, { scores }]) => [...scores.keys()]), type: "INT32" },
    { name: "score", data: gather(({ scores }) => scores), type: "DOUBLE" },
    ...present.map((name) => ({ name, data: gather((order) => order[name] ?? order.scores), type: "DOUBLE" as const })),
  ];
  const bytes = parquetWriteBuffer({ columnData });
  await writeFileAtomically(path, new Uint8Array(bytes), signal);
}

/** Reads what `writeValues` wrote. @throws FileError if it is not such a file */
export async function readValues(path: string): Promise<Readonly<Record<string, ValueOrder>>> {
  const { asyncBufferFromFile, parquetReadObjects } = await import("hyparquet");
  const rows = await asyncBufferFromFile(path)
    .then((file) => parquetReadObjects({ file }))
    .catch((cause) => {
      throw new FileError(path, "cannot be read as the Parquet file of a ranking's values", undefined, { cause });
    });
  const found = new Map<string, Record<string, number[]>>();
  for (const row of rows) {
    const { value, column, ...numbers } = row;
    const fields = found.get(String(value)) ?? {};
    found.set(String(value), fields);
    for (const [name, number] of Object.entries(numbers)) {
      fields[name] ??= [];
      fields[name][Number(column)] = Number(number);
    }
  }
  return Object.fromEntries([...found].map(([value, fields]) => [value, toOrder(fields)]));
}

function toOrder(fields: Readonly<Record<string, readonly number[]>>): ValueOrder {
  const scores = Float64Array.from(fields.score ?? []);
  const present = extras.filter((name) => fields[name]);
  const added = present.map((name) => [name, (name === "signs" ? Int8Array : Float64Array).from(fields[name] ?? [])]);
  return { order: orderOf(scores), scores, ...Object.fromEntries(added) };
}
