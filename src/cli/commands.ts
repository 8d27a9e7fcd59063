import { checkKnown } from "../core/suggest.js";
import type { AnyCommand } from "./command.js";

/** A command's name and summary, without loading what it needs. */
interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: AnyCommand }>;
}

/** Every command, in the order of the help. A new command is one file and one line here. */
export const commands: readonly Entry[] = [
  { name: "devices", summary: "Shows the devices of this machine", load: () => import("./devices.js") },
];

/** Loads a command by its name. @throws ArgumentError that lists the commands and suggests near names */
export async function loadCommand(name: string): Promise<AnyCommand> {
  const names = commands.map((entry) => entry.name);
  const known = checkKnown("command", name, names);
  const entry = commands[names.indexOf(known)];
  if (!entry) throw new Error(`no command ${known}`);
  return (await entry.load()).command;
}
