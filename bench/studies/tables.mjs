/** A Markdown table of rows that share their keys; cells keep to one line. */
export function markdownTable(rows) {
  const keys = Object.keys(rows[0]);
  const line = (cells) =>
    `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|").replaceAll("\n", "⏎")).join(" | ")} |`;
  return [line(keys), line(keys.map(() => "---")), ...rows.map((row) => line(keys.map((key) => row[key])))].join("\n");
}

/** A context with its row in bold; the rows of a byte model are letters, and stand without spaces between. */
export function contextLine({ before, text, after }, model) {
  const gap = model.startsWith("byte") ? "" : " ";
  const bold = `**${text.trim() === "" ? "␣" : text}**`;
  return [...before, bold, ...after].join(gap);
}
