import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parquetWriteFile } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { readRowTable, writeRowTable } from "../../src/activations/row-table-file.js";
import type { RowTable } from "../../src/corpus/rows.js";
import { temporaryFolder } from "../temporary-folder.js";
import { tableOf } from "./table.js";

const folder = temporaryFolder();

async function roundTrip(table: RowTable): Promise<RowTable> {
  const path = join(folder, "rows.parquet");
  await writeRowTable(path, table);
  return readRowTable(path);
}

describe("a table of rows", () => {
  it("comes back from its Parquet file with every annotation", async () => {
    const table = tableOf("word", [0, 0, 1], [0, 1, 0], ["Dogs", "bark", "“ש"], {
      upos: ["NOUN", "VERB", null],
      "feats.Number": ["Plur", null, null],
      sentence: ["s1", "s1", "s2"],
      nothing: [null, null, null],
    });
    const back = await roundTrip(table);
    expect(back).toMatchObject({ kind: "word", rows: 3, text: table.text, keys: table.keys, fingerprint: "f" });
    expect(back.sentence).toEqual(table.sentence);
    expect(back.position).toEqual(table.position);
    for (const key of table.keys) expect(back.column(key)).toEqual(table.column(key));
  });

  it("keeps several values of a sentence apart from one value that looks like them", async () => {
    const values = [["NOUN", "VERB"], '["NOUN","VERB"]', null, [], ["NOUN", "VERB"]];
    const table = tableOf("sentence", [0, 1, 2, 3, 4], [0, 0, 0, 0, 0], ["a", "b", "c", "d", "e"], { upos: values });
    expect((await roundTrip(table)).column("upos")).toEqual(values);
  });

  it("of more rows than one group of the file holds keeps their order", async () => {
    const numbers = Array.from({ length: 120_001 }, (_, row) => row);
    const table = tableOf("token", numbers, numbers, numbers.map(String), { parity: numbers.map((n) => `${n % 2}`) });
    const back = await roundTrip(table);
    expect([...back.sentence]).toEqual(numbers);
    expect(back.text).toEqual(table.text);
    expect(back.column("parity")).toEqual(table.column("parity"));
  });

  it("refuses a key that it does not have, with the nearest one", async () => {
    const table = await roundTrip(tableOf("word", [0], [0], ["a"], { upos: ["X"], deprel: ["root"] }));
    expect(() => table.column("upso")).toThrow('Expected one of upos, deprel (did you mean "upos"?) for key');
  });

  it("that is missing, damaged or another table is refused", async () => {
    const path = join(folder, "bad.parquet");
    await expect(readRowTable(path)).rejects.toThrow(`${path}: there is no such file`);
    writeFileSync(path, "PAR1 but nothing more");
    await expect(readRowTable(path)).rejects.toThrow(`${path}: is damaged: it cannot be read as a Parquet file`);
    await writeRowTable(path, tableOf("word", [0], [0], ["a"], {}));
    truncateSync(path, 100);
    await expect(readRowTable(path)).rejects.toThrow(`${path}: is damaged: it cannot be read as a Parquet file`);
    parquetWriteFile({ filename: path, columnData: [{ name: "sentence", data: [1, 2] }] });
    await expect(readRowTable(path)).rejects.toThrow(`${path}: is not a table of rows`);
  });
});
