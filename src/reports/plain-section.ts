import type { AnyResult } from "../methods/result-check.js";
import { methodText, optionsLine, section } from "./headings.js";
import type { Content, Html } from "./html.js";
import type { Numbering } from "./numbering.js";
import { shown } from "./numbers.js";

type Fields = Readonly<Record<string, unknown>>;

/** The single values of a result that has no figure of its own, and a table for each list of records among them. */
export function plainSection(result: AnyResult, numbering: Numbering): Html {
  const values = "values" in result && isFields(result.values) ? result.values : {};
  const single = Object.entries(values).filter(([, value]) => !isRecords(value));
  const cells = single.map(([name, value]): Content[] => [name, text(value)]);
  const table = numbering.table("Values.", ["", "value"], cells);
  const lists = Object.entries(values).flatMap(([name, value]) => (isRecords(value) ? [recordTable(name, value, numbering)] : [])); // biome-ignore format: one line
  return section(methodText(result.method), optionsLine(result), table, ...lists);
}

function recordTable(name: string, records: readonly Fields[], numbering: Numbering): Html {
  const head = Object.keys(records[0]!);
  const rows = records.map((record) => head.map((field): Content => text(record[field])));
  return numbering.table(`${name[0]!.toUpperCase()}${name.slice(1)}.`, head, rows);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRecords(value: unknown): value is readonly Fields[] {
  return Array.isArray(value) && value.length > 0 && value.every(isFields);
}

function text(value: unknown): string {
  if (typeof value === "number") return shown(value);
  const written = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return written.length > 200 ? `${written.slice(0, 200)}…` : written;
}
