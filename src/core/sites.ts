import { ArgumentError } from "./errors.js";
import { checkKnown } from "./suggest.js";

/** A named component output of a model, as one run of columns of an activation matrix. */
export interface Site {
  readonly name: string;
  readonly width: number;
  /** The column of the matrix at which this site starts. */
  readonly offset: number;
}

/** The site that holds a column of a matrix whose sites lie side by side. @throws ArgumentError if none does */
export function siteOfColumn(sites: readonly Site[], column: number): Site {
  const site = sites.find(({ offset, width }) => column >= offset && column < offset + width);
  const columns = sites.reduce((sum, { width }) => sum + width, 0);
  if (!site) throw new ArgumentError("column", `a whole number below ${columns}`, column);
  return site;
}

/** A neuron's name, `site:index`, such as `layers.3.mlp.hidden:871`. */
export function neuronName(sites: readonly Site[], column: number): string {
  const site = siteOfColumn(sites, column);
  return `${site.name}:${column - site.offset}`;
}

/**
 * The column of a neuron's name, such as `layers.3.mlp.hidden:871`.
 *
 * @throws ArgumentError for a site that is not there (with near names) or a number beyond its width
 */
export function columnOfNeuron(sites: readonly Site[], neuron: string): number {
  const [, name, index] = /^(.+):(\d+)$/.exec(neuron) ?? [];
  if (name === undefined) throw new ArgumentError("neuron", "SITE:INDEX, such as layers.3.mlp.hidden:871", neuron);
  const known = sites.map((site) => site.name);
  const site = sites[known.indexOf(checkKnown("neuron", name, known))];
  const column = Number(index);
  if (!site || column >= site.width)
    throw new ArgumentError("neuron", `${name}:0 to ${name}:${(site?.width ?? 1) - 1}`, neuron);
  return site.offset + column;
}
