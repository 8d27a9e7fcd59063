import { commands, loadCommand } from "./commands.js";
import { type ExitCode, explain } from "./failure.js";
import { helpOf, overview } from "./help.js";
import { parse } from "./parse.js";
import { Session } from "./session.js";

/** Runs one command line, without the program's own name, and gives the exit code. Ctrl-C stops the work cleanly. */
export async function runCommandLine(argv: readonly string[]): Promise<ExitCode> {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    await run(argv, stop.signal);
    return 0;
  } catch (error) {
    const { sentence, code } = explain(error, stop.signal.aborted);
    process.stderr.write(`${sentence}\n`);
    if (code === 1 && process.env.NEUROMETRY_TRACE) console.error(error);
    return code;
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

async function run(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    if (rest[0] !== undefined) return print(helpOf(await loadCommand(rest[0])));
    return print(overview(commands));
  }
  if (name === "--version") return print((await import("../core/version.js")).version);
  const command = await loadCommand(name);
  const { words, shared, options } = parse(
    command,
    rest.map((word) => (word === "-h" ? "--help" : word)),
  );
  if (shared.help) return print(helpOf(command));
  await using session = new Session(shared, signal);
  await command.run(words, options, session);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
