import { setTimeout as sleep } from "node:timers/promises";
import { FileError } from "../../core/errors.js";
import type { HubEnvironment } from "./environment.js";
import type { ModelId } from "./model-id.js";

/** A hub, a model of it, and how patient we are. */
export interface HubRequest {
  readonly id: ModelId;
  readonly environment: HubEnvironment;
  readonly signal?: AbortSignal;
  /** Milliseconds before each new try after a failure of the network or the server; default .5, 1, 2, 4 and 8 s. */
  readonly pauses?: readonly number[];
  /** Milliseconds without a byte after which a connection counts as dropped; default 30 s. */
  readonly patience?: number;
}

const defaultPauses = [500, 1_000, 2_000, 4_000, 8_000];
export const defaultPatience = 30_000;

/** The server cannot answer now, or a connection broke: worth another try. */
export class Interruption extends Error {
  readonly code = "ENETWORK";
}

/**
 * Asks the hub, with the token where there is one; fetch sends it to no other host than the hub's own.
 *
 * @throws FileError for what another try would not change: no such model, revision or file, or no right to it
 * @throws Interruption for a connection that failed or a server that is busy
 */
export async function askHub(
  { id, environment, signal, patience = defaultPatience }: HubRequest,
  url: string,
  init: RequestInit = {},
): Promise<Response> {
  const { token } = environment;
  const limit = AbortSignal.timeout(patience);
  const headers = new Headers(init.headers);
  headers.set("accept-encoding", "identity");
  headers.set("user-agent", "neurometry");
  if (token !== null) headers.set("authorization", `Bearer ${token}`);
  let response: Response;
  try {
    const stop = init.signal ?? (signal ? AbortSignal.any([signal, limit]) : limit);
    response = await fetch(url, { ...init, headers, signal: stop });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new Interruption(reasonOf(cause), { cause });
  }
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status >= 500 || [408, 429].includes(response.status)) {
    throw new Interruption(`it answered ${response.status}`);
  }
  throw refusal(id, environment, response);
}

/** Tries again after an interruption, until the pauses are used up. @throws FileError that says what failed last */
export async function persist<Result>(
  { id, environment, signal, pauses = defaultPauses }: HubRequest,
  what: string,
  attempt: (again: () => void) => Promise<Result>,
): Promise<Result> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt(() => {
        failures = 0; // there was progress: the pauses begin anew
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Interruption)) throw error;
      const pause = pauses[failures];
      if (pause === undefined) {
        const problem = `Expected ${what} from ${environment.endpoint} but the connection failed: ${error.message}; what was loaded is kept, and HF_HUB_OFFLINE=1 takes what the cache has`;
        throw new FileError(id.name, problem, undefined, { cause: error });
      }
      await sleep(pause, undefined, signal ? { signal } : {});
    }
  }
}

/** What went wrong in a connection, in a word. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === "TimeoutError") return "nothing came for too long";
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}

function refusal({ name, revision }: ModelId, { endpoint, token }: HubEnvironment, response: Response): FileError {
  const code = response.headers.get("x-error-code");
  const { status } = response;
  if (code === "GatedRepo") {
    const problem = `Expected access to this model but its authors gate it: accept their terms at ${endpoint}/${name} and put your token into HF_TOKEN`;
    return new FileError(name, problem);
  }
  if (code === "RevisionNotFound") {
    return new FileError(name, `Expected a revision of this model but it has no "${revision}"`);
  }
  if (code === "EntryNotFound") {
    return new FileError(name, `Expected a file that the hub lists but it is gone: ${new URL(response.url).pathname}`);
  }
  if (status === 403)
    return new FileError(name, `Expected access to this model but ${endpoint} forbids it to this token`);
  if (status === 401 || status === 404) {
    const hint = token === null ? "a private one needs a token in HF_TOKEN" : "or this token may not see it";
    return new FileError(
      name,
      `Expected a model's directory or a model of ${endpoint} but there is neither of this name (${hint})`,
    );
  }
  return new FileError(name, `Expected an answer of ${endpoint} but it was ${status} ${response.statusText}`.trimEnd());
}
