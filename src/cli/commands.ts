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
  { name: "inspect", summary: "Shows a model's size and sites", load: () => import("./inspect.js") },
  {
    name: "extract",
    summary: "Writes a model's activations over a corpus to a store",
    load: () => import("./extract.js"),
  },
  {
    name: "export",
    summary: "Writes activations as .npy, .safetensors, .json, .hdf5 or .parquet",
    load: () => import("./export.js"),
  },
  { name: "rank", summary: "Gives every neuron a score and a place", load: () => import("./rank.js") },
  { name: "group", summary: "Sorts neurons into groups of those that do the same", load: () => import("./group.js") },
  { name: "compare", summary: "Compares the neurons of several sources", load: () => import("./compare.js") },
  {
    name: "explain",
    summary: "Finds the formula of concepts that says best where each neuron is on",
    load: () => import("./explain.js"),
  },
  {
    name: "contexts",
    summary: "Lists the rows on which each neuron is largest and smallest",
    load: () => import("./contexts.js"),
  },
  {
    name: "align",
    summary: "Finds the words and phrases that each neuron answers to by itself",
    load: () => import("./align.js"),
  },
  {
    name: "maximize",
    summary: "Finds the n-gram of tokens that makes a neuron largest",
    load: () => import("./maximize.js"),
  },
  {
    name: "concepts",
    summary: "Proposes clusters of rows as concepts of the model's own",
    load: () => import("./concepts.js"),
  },
  { name: "show", summary: "Colours text by what a neuron does on it", load: () => import("./show.js") },
  { name: "ablate", summary: "Takes neurons away and measures what becomes worse", load: () => import("./ablate.js") },
  { name: "evaluate", summary: "Measures a model's loss or accuracy", load: () => import("./evaluate.js") },
  {
    name: "generate",
    summary: "Continues a text, with neurons held at values of yours",
    load: () => import("./generate.js"),
  },
  { name: "report", summary: "Puts results into one HTML page", load: () => import("./report.js") },
  { name: "demo", summary: "Finds neurons in two small models of this package", load: () => import("./demo.js") },
];

/** Loads a command by its name. @throws ArgumentError that lists the commands and suggests near names */
export async function loadCommand(name: string): Promise<AnyCommand> {
  const names = commands.map((entry) => entry.name);
  const known = checkKnown("command", name, names);
  const entry = commands[names.indexOf(known)];
  if (!entry) throw new Error(`no command ${known}`);
  return (await entry.load()).command;
}
