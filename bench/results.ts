import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { Line } from "./measure.js";
import { hasPeers, versions } from "./python.js";
import { root } from "./root.js";

/** A benchmark's lines, and when and where they were measured. */
interface Section {
  readonly name: string;
  readonly machine: string;
  readonly lines: readonly Line[];
}

const kept = join(root, "bench/results.json");
const table = join(root, "bench/results.md");

/**
 * Replaces the sections of the benchmarks that ran in bench/results.json and writes all of them to bench/results.md. What
 * ran with an instruction set that was asked for has a section of its own.
 */
export function writeResults(lines: readonly Line[]): void {
  const sections = new Map<string, Section>(read().map((section) => [section.name, section]));
  const forced = process.env.NEUROMETRY_ISA;
  for (const [benchmark, own] of groupBy(lines, (line) => line.benchmark)) {
    const name = forced ? `${benchmark}, ${forced}` : benchmark;
    sections.set(name, { name, machine: describeMachine(own), lines: own });
  }
  const sorted = [...sections.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  writeFileSync(kept, `${JSON.stringify(sorted, null, 1)}\n`);
  writeFileSync(table, render(sorted));
}

function read(): readonly Section[] {
  return existsSync(kept) ? (JSON.parse(readFileSync(kept, "utf8")) as Section[]) : [];
}

function describeMachine(lines: readonly Line[]): string {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const peers = hasPeers ? `, ${versions()}` : "";
  const threads = Math.max(...lines.filter(({ ours }) => ours).map(({ threads }) => threads));
  const date = new Date().toISOString().slice(0, 10);
  return `${date}, ${cpus()[0]?.model.trim()}, ${threads} threads, ${memory}, Node ${process.versions.node}${peers}`;
}

function render(sections: readonly Section[]): string {
  const head =
    "# Benchmarks\n\nWritten by `npm run bench`; the Python peers are set up by `npm run bench:peers`. Every answer was checked before it was timed. " +
    "Share = of what the processor can do at most, measured in the same run. Exponent = how time grows with the arithmetic over the sizes: 1 is as fast as it; lines of a busy machine are left out.\n";
  return `${head}\n${sections.map(renderSection).join("\n")}`;
}

function renderSection({ name, machine, lines }: Section): string {
  const busy = lines.some(({ quiet }) => !quiet)
    ? "\n\nThe machine was busy during some of this: those lines do not count."
    : "";
  const parts = [...groupBy(lines, ({ about }) => about).values()].map(renderPart);
  return `## ${name}\n\n${machine}.${busy}\n\n${parts.join("\n")}`;
}

/** The sizes of one computation. */
function renderPart(lines: readonly Line[]): string {
  const columns =
    "| size | by | threads | median | spread | rate | share | error | peak memory |\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n";
  const { about, dtype } = lines[0]!;
  return `${about} ${dtype}.\n\n${columns}${lines.map(renderLine).join("\n")}\n${renderExponents(lines)}`;
}

function renderExponents(lines: readonly Line[]): string {
  const counted = lines.filter(({ quiet }) => quiet);
  const measured = [...groupBy(counted, ({ by }) => by)].filter(([, own]) => own.length > 1);
  if (measured.length === 0) return "";
  const all = measured.map(
    ([by, own]) => `${by} ${exponent(own.map(({ work, median }) => [work, median]))}${renderGrowth(own)}`,
  );
  return `\nExponents: ${all.join(", ")}.\n`;
}

/** How time and arithmetic grow with what grows between the sizes. */
function renderGrowth(lines: readonly Line[]): string {
  const growing = lines[0]!.grown?.what;
  if (!growing) return "";
  const arithmetic = exponent(lines.map(({ work, grown }) => [grown!.to, work]));
  const time = exponent(lines.map(({ median, grown }) => [grown!.to, median]));
  return ` (with ${growing}: time ${time}, arithmetic ${arithmetic})`;
}

function renderLine(line: Line): string {
  const cells = [
    line.size,
    (line.ours ? `**${line.by}**` : line.by) + (line.quiet ? "" : " (busy)"),
    line.threads,
    seconds(line.median),
    `± ${(100 * line.spread).toFixed(1)} %`,
    `${engineering(line.work / line.median)} ${line.unit}/s`,
    line.share === null ? "" : `${(100 * line.share).toFixed(0)} %`,
    line.error === null ? "" : line.error.toExponential(0),
    line.peakBytes === null ? "" : `${Math.round(line.peakBytes / 2 ** 20)} MiB`,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** The slope of log y over log x. */
function exponent(given: readonly (readonly [x: number, y: number])[]): string {
  const points = given.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const covariance = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  const variance = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return (covariance / variance).toFixed(2);
}

function seconds(value: number): string {
  if (value >= 1) return `${value.toPrecision(3)} s`;
  return value >= 1e-3 ? `${(1e3 * value).toPrecision(3)} ms` : `${(1e6 * value).toPrecision(3)} µs`;
}

function engineering(value: number): string {
  const units = ["", "k", "M", "G", "T", "P"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(value) / 3)));
  return `${(value / 1000 ** power).toPrecision(3)} ${units[power]}`.trimEnd();
}

function groupBy(lines: readonly Line[], key: (line: Line) => string): Map<string, Line[]> {
  const groups = new Map<string, Line[]>();
  for (const line of lines) groups.set(key(line), [...(groups.get(key(line)) ?? []), line]);
  return groups;
}
