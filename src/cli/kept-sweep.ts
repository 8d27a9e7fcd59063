import { exists, partialPath } from "../core/files.js";
import type { KeepOptions } from "../methods/causal/kept-sweep.js";
import { removeJournal } from "../methods/causal/sweep-journal.js";
import type { AnyResult } from "../methods/result-check.js";
import { finish } from "./results.js";
import type { Session } from "./session.js";

/** Where a sweep goes: its result, whatever else it makes beside it, and what it keeps until it is done. */
export interface SweepFiles {
  readonly out: string;
  /** `out` without its ending. */
  readonly stem: string;
  readonly keep: Required<KeepOptions>;
}

/** The files of a sweep whose result is to be at `out`. */
export function sweepFiles(out: string, force: boolean, session: Session): SweepFiles {
  const stem = out.replace(/\.json$/i, "");
  const journal = partialPath(`${stem}.sweep`);
  const onContinue = () => session.say(`${journal}: goes on with the sweep that was cut short`);
  return { out, stem, keep: { journal, existing: force ? "replace" : "refuse", onContinue } };
}

/** Runs a sweep, writes its result, and takes away what was kept; says how a sweep that is cut short goes on. */
export async function finishSweep(
  { out, keep: { journal } }: SweepFiles,
  session: Session,
  sweep: () => Promise<AnyResult>,
): Promise<void> {
  try {
    await finish(out, await sweep(), session);
  } catch (error) {
    if (session.signal.aborted && (await exists(journal)))
      session.say(`${journal} keeps what is done: the same command goes on from there.`);
    throw error;
  }
  await removeJournal(journal);
}
