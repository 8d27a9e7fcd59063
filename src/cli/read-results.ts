import { FileError } from "../core/errors.js";
import type { Grouping, Ranking } from "../methods/result.js";
import type { AnyResult } from "../methods/result-check.js";
import { readResult } from "../methods/result-file.js";

/** Reads a ranking that an earlier command wrote. @throws FileError for any other result */
export async function readRanking(path: string): Promise<Ranking> {
  const result = await readResult(path);
  if (isKind<Ranking>(result, "ranking")) return result;
  throw new FileError(path, `expected a ranking but it is of the kind ${result.kind}`);
}

/** Reads a grouping that an earlier command wrote. @throws FileError for any other result */
export async function readGrouping(path: string): Promise<Grouping> {
  const result = await readResult(path);
  if (isKind<Grouping>(result, "grouping")) return result;
  throw new FileError(path, `expected a grouping but it is of the kind ${result.kind}`);
}

function isKind<Result extends AnyResult>(result: AnyResult, kind: Result["kind"]): result is Result {
  return result.kind === kind;
}
