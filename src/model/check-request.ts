import { ArgumentError } from "../core/errors.js";
import { type ForwardRequest, NO_TARGET, type PooledRows } from "./model.js";
import type { Network } from "./network.js";
import { DeviceState } from "./recurrent-state.js";
import { findSite } from "./sites.js";

/** Checks everything that the caller of a forward pass can get wrong, but its interventions. */
export function checkRequest(network: Network, request: ForwardRequest): void {
  checkSequences(network, request.sequences);
  const tokens = request.sequences.reduce((sum, { length }) => sum + length, 0);
  checkCapture(network, request, tokens);
  for (const site of request.scores ?? []) {
    if (findSite(network.sites, site).width !== null)
      throw new ArgumentError("scores", "sites of attention scores", site);
  }
  checkTargets(network, request, tokens);
  checkComparison(request);
  checkState(network, request);
}

function checkSequences(network: Network, sequences: readonly Uint32Array[]): void {
  if (sequences.length === 0) throw new ArgumentError("sequences", "at least one sequence", sequences);
  sequences.forEach((sequence, s) => {
    const name = `sequences[${s}]`;
    if (sequence.length === 0) throw new ArgumentError(name, "at least one token", "none");
    if (sequence.length > network.maximumTokens) {
      throw new ArgumentError(name, `at most ${network.maximumTokens} tokens (the model's positions)`, sequence.length);
    }
    const stranger = sequence.find((id) => id >= network.vocabulary);
    if (stranger !== undefined) throw new ArgumentError(name, `ids below ${network.vocabulary}`, stranger);
  });
}

function checkCapture(network: Network, { capture }: ForwardRequest, tokens: number): void {
  if (!capture) return;
  if (capture.sites.length === 0) throw new ArgumentError("capture.sites", "at least one site", capture.sites);
  let offset = 0;
  for (const site of capture.sites) {
    const { width } = findSite(network.sites, site.name);
    if (width === null) throw new ArgumentError("capture.sites", "sites of a fixed width", site.name);
    if (width !== site.width) throw new ArgumentError(site.name, `a width of ${width}`, site.width);
    if (offset !== site.offset) throw new ArgumentError(site.name, `an offset of ${offset}`, site.offset);
    offset += width;
  }
  if (capture.rows) checkRows(capture.rows, tokens);
}

function checkRows({ starts, ends }: PooledRows, tokens: number): void {
  if (starts.length !== ends.length) throw new ArgumentError("rows.ends", `${starts.length} ends`, ends.length);
  starts.forEach((start, row) => {
    if (start < ends[row]! && ends[row]! <= tokens) return;
    throw new ArgumentError(`rows[${row}]`, `a run of the ${tokens} tokens`, [start, ends[row]]);
  });
}

function checkTargets(network: Network, { targets }: ForwardRequest, tokens: number): void {
  if (!targets) return;
  if (network.head === "none") throw new ArgumentError("targets", "none for a model without a head", targets);
  if (targets.length !== tokens) throw new ArgumentError("targets", `one for each of ${tokens} tokens`, targets.length);
  const stranger = targets.find((target) => target !== NO_TARGET && target >= network.vocabulary);
  if (stranger !== undefined) throw new ArgumentError("targets", `ids below ${network.vocabulary}`, stranger);
}

function checkComparison({ compareWith, sequences }: ForwardRequest): void {
  if (!compareWith) return;
  if (compareWith.length !== sequences.length) {
    throw new ArgumentError("compareWith", `one for each of ${sequences.length} sequences`, compareWith.length);
  }
  compareWith.forEach((other, s) => {
    if (sequences[other]?.length === sequences[s]!.length) return;
    throw new ArgumentError(`compareWith[${s}]`, `a sequence of the batch of ${sequences[s]!.length} tokens`, other);
  });
}

function checkState(network: Network, { state, sequences }: ForwardRequest): void {
  if (state === undefined) return;
  if (!network.recurrence) throw new ArgumentError("state", "none for a model that is not recurrent", state);
  if (state === "start") return;
  if (!(state instanceof DeviceState)) throw new ArgumentError("state", "a state that this model gave", state);
  if (state.sequences !== sequences.length) {
    throw new ArgumentError("state", `a state of ${sequences.length} sequences`, state.sequences);
  }
}
