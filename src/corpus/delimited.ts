import { FileError } from "../core/errors.js";
import { suggest } from "../core/suggest.js";
import { joinForms, namesForms, namesItems, readItem } from "./agreement-items.js";
import { pairedSentence, type Sentence, spacedSentence, type TextForm } from "./corpus.js";
import type { Line } from "./lines.js";
import { minimalPair } from "./minimal-pairs.js";
import { labelPair } from "./pairs.js";
import { pairFields, readPair } from "./sentence-pairs.js";

/*
 * CSV as RFC 4180 has it: fields between commas, quoted where they hold commas, quotes (doubled) or line ends.
 * TSV: fields between tabs, a field in quotes without them, no line ends in fields. The first line names the columns;
 * a TSV of two columns that are no names of sentences has no such line: its columns are source and target.
 */

/** A record of a table and the line it begins at. */
interface TableRecord {
  readonly fields: readonly string[];
  readonly line: number;
}

/** How a table is read. */
export interface TableOptions {
  readonly separator: "," | "\t";
  readonly form?: TextForm;
  /** The column of the sentences: `sentence`, `text` or else `source` where it is left out. */
  readonly textColumn?: string;
  /** The column of what stands beside them: `target` beside `source` where it is left out. */
  readonly targetColumn?: string;
}

const usualColumns = ["sentence", "text", "source"];

/**
 * The sentences of a table with a line of column names; every other column is a label of the sentence.
 * Records whose sentence is empty are skipped. Beside `source`, a column `target` is what stands beside the sentence.
 * A table without such a column but with `premise` and `hypothesis`, or `sentence1` and `sentence2`, is one of pairs
 * (src/corpus/sentence-pairs.ts); one with `sentence_good` and `sentence_bad` is of minimal pairs, one with `correct` and
 * `wrong` of agreement items (src/corpus/agreement-items.ts).
 *
 * @throws FileError with the line where a record has another number of fields than the table has columns
 */
export function* parseTable(path: string, lines: Iterable<Line>, options: TableOptions): Generator<Sentence> {
  const records = options.separator === "," ? commaRecords(path, lines) : tabRecords(lines);
  const header = records.next();
  if (header.done) return;
  const { fields } = header.value;
  if (isTest(fields, options)) return yield* readTestPairs(path, fields, records, options.form ?? "written");
  const sides = hasTextColumn(fields, options) ? null : pairFields(fields);
  if (sides) return yield* pairsOf(path, fields, records, sides);
  const bare = options.separator === "\t" && isPair(header.value, options);
  const columns = bare ? ["source", "target"] : fields;
  const text = findTextColumn(path, columns, options.textColumn);
  const target = findTargetColumn(path, columns, columns[text] === "source", options.targetColumn);
  if (bare) yield* sentenceOfRecord(path, header.value, columns, { text, target, form: options.form });
  for (const record of records) yield* sentenceOfRecord(path, record, columns, { text, target, form: options.form });
}

/** Whether a table is one of minimal pairs or agreement items. */
function isTest(names: readonly string[], { textColumn, targetColumn }: TableOptions): boolean {
  if ((textColumn ?? targetColumn) !== undefined) return false;
  const minimal = names.includes("sentence_good") && names.includes("sentence_bad");
  return minimal || namesItems(names) || namesForms(names);
}

function* readTestPairs(
  path: string,
  columns: readonly string[],
  records: Iterable<TableRecord>,
  form: TextForm,
): Generator<Sentence> {
  let number = 0;
  let first: Record<string, string> | null = null;
  for (const { fields, line } of records) {
    checkFields(path, line, fields, columns);
    const named = Object.fromEntries(columns.map((name, i) => [name, fields[i]!]));
    if (!namesForms(columns)) {
      yield* namesItems(columns)
        ? labelPair(number++, ...readItem(path, line, named, form))
        : minimalPair(path, { number: line }, number++, named, form);
    } else if (first) {
      yield* labelPair(number++, ...joinForms(path, [first, named], line, form));
      first = null;
    } else first = named;
  }
  if (first) throw new FileError(path, "Expected a record of the wrong form behind the last one");
}

function hasTextColumn(fields: readonly string[], { textColumn, targetColumn }: TableOptions): boolean {
  return (textColumn ?? targetColumn) !== undefined || fields.some((field) => usualColumns.includes(field));
}

function* pairsOf(
  path: string,
  columns: readonly string[],
  records: Iterable<TableRecord>,
  sides: readonly [string, string],
): Generator<Sentence> {
  for (const { fields, line } of records) {
    checkFields(path, line, fields, columns);
    const pair = readPair(path, line, Object.fromEntries(columns.map((name, i) => [name, fields[i]!])), sides);
    if (pair) yield pair;
  }
}

function checkFields(path: string, line: number, fields: readonly string[], columns: readonly string[]): void {
  if (fields.length === columns.length) return;
  throw new FileError(path, `Expected ${columns.length} fields but found ${fields.length}`, `line ${line}`);
}

/** Whether a first line is a pair of texts and not the names of columns. */
function isPair({ fields }: TableRecord, { textColumn, targetColumn }: TableOptions): boolean {
  const named = textColumn !== undefined || targetColumn !== undefined;
  return !named && fields.length === 2 && !fields.some((field) => usualColumns.includes(field));
}

interface Columns {
  readonly text: number;
  readonly target: number;
  readonly form: TextForm | undefined;
}

function* sentenceOfRecord(
  path: string,
  { fields, line }: TableRecord,
  columns: readonly string[],
  { text, target, form }: Columns,
): Generator<Sentence> {
  checkFields(path, line, fields, columns);
  const labels = Object.fromEntries(
    columns.map((name, i) => [name, fields[i]!] as const).filter((_, i) => i !== text && i !== target),
  );
  const [written, beside] = [fields[text]!, fields[target]];
  if (!/\S/u.test(written)) return;
  if (beside !== undefined && !/\S/u.test(beside)) {
    throw new FileError(path, "Expected a target beside the source but found none", `line ${line}`);
  }
  yield beside === undefined ? spacedSentence(written, form, labels) : pairedSentence(written, beside, form, labels);
}

/** −1 where there is none. */
function findTargetColumn(
  path: string,
  columns: readonly string[],
  paired: boolean,
  wanted: string | undefined,
): number {
  if (wanted === undefined) return paired ? columns.indexOf("target") : -1;
  const found = columns.indexOf(wanted);
  if (found >= 0) return found;
  const list = columns.map((name) => JSON.stringify(name)).join(", ");
  throw new FileError(path, `Expected a column ${wanted}${suggest(wanted, columns)} among ${list}`);
}

function findTextColumn(path: string, columns: readonly string[], wanted: string | undefined): number {
  const found = wanted === undefined ? usualColumns : [wanted];
  const column = found.map((name) => columns.indexOf(name)).find((index) => index >= 0);
  const list = columns.map((name) => JSON.stringify(name)).join(", ");
  if (column === undefined) {
    throw new FileError(
      path,
      `Expected a column ${found.join(", ").replace(/, (?=[^,]*$)/, " or ")}${suggest(found[0]!, columns)} among ${list}`,
    );
  }
  const repeated = columns.find((name, i) => columns.indexOf(name) !== i || (name === "form" && i !== column));
  if (repeated !== undefined) throw new FileError(path, `Expected another name for the column "${repeated}"`, "line 1");
  return column;
}

function* tabRecords(lines: Iterable<Line>): Generator<TableRecord> {
  for (const { text, number } of lines) {
    if (text !== "") yield { fields: text.split("\t").map(unquote), line: number };
  }
}

/** A field without the quotes around it; one that only begins or only ends with a quote stays as it is. */
function unquote(field: string): string {
  return /^"(?:[^"]|"")*"$/.test(field) ? field.slice(1, -1).replaceAll('""', '"') : field;
}

function* commaRecords(path: string, lines: Iterable<Line>): Generator<TableRecord> {
  let open: { text: string; line: number } | null = null;
  for (const { text, number } of lines) {
    if (open === null && text === "") continue;
    const record: { text: string; line: number } = open
      ? { text: `${open.text}\n${text}`, line: open.line }
      : { text, line: number };
    const fields = splitCommas(record.text);
    open = fields ? null : record;
    if (fields) yield { fields, line: record.line };
  }
  if (open) throw new FileError(path, "Expected a closing quote", `line ${open.line}`);
}

/** The fields of one record; null where a quoted field does not end. */
function splitCommas(record: string): string[] | null {
  const fields: string[] = [];
  for (let from = 0; from <= record.length; ) {
    const quoted = record[from] === '"';
    const close = quoted ? closingQuote(record, from + 1) : from;
    if (close < 0) return null;
    const comma = record.indexOf(",", close);
    const end = comma < 0 ? record.length : comma;
    const inside = quoted ? record.slice(from + 1, close).replaceAll('""', '"') : "";
    fields.push(quoted ? inside + record.slice(close + 1, end) : record.slice(from, end));
    from = end + 1;
  }
  return fields;
}

function closingQuote(record: string, from: number): number {
  for (let at = record.indexOf('"', from); at >= 0; at = record.indexOf('"', at + 2)) {
    if (record[at + 1] !== '"') return at;
  }
  return -1;
}
