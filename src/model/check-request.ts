import { ArgumentError } from "../core/errors.js";
import { CacheState } from "./key-cache.js";
import { type ForwardRequest, NO_TARGET, type PooledRows, type TextState } from "./model.js";
import { classifiesSequences, type Network } from "./network.js";
import { DeviceState } from "./recurrent-state.js";
import { findSite } from "./sites.js";
import { checkOneStack, isOfSources, isSourceSite } from "./stacks.js";

/** Checks everything that the caller of a forward pass can get wrong, but its interventions. */
export function checkRequest(network: Network, request: ForwardRequest): void {
  checkStacks(network, request);
  const tokens = countTokens(request.sequences);
  checkTexts(request);
  checkTypes(network, request, tokens);
  checkCapture(network, request);
  for (const site of request.scores ?? []) {
    if (findSite(network.sites, site).width !== null)
      throw new ArgumentError("scores", "sites of attention scores", site);
  }
  checkTargets(network, request, tokens);
  if (request.logits && !request.targets) throw new ArgumentError("targets", "targets, whose logits are kept", "none");
  checkComparison(request);
  checkState(network, request);
  checkIdentities(request);
}

/** Sequences for a network of one stack; for an encoder-decoder sources, and a sequence for each or none. */
function checkStacks(network: Network, request: ForwardRequest): void {
  const { sequences, sources, sourceOf, state, capture, scores = [] } = request;
  const { encoder } = network;
  const read = typeof state === "object" ? state : null;
  if (!encoder) {
    const given = sources ?? sourceOf;
    if (given) throw new ArgumentError("sources", "none for a model without encoder and decoder", given);
    checkSequences("sequences", sequences, network, read?.lengths);
    return;
  }
  const wanted = "what the encoder reads, one for each of `sequences`";
  if (read) {
    const given = sources ?? sourceOf;
    if (given) throw new ArgumentError("sources", "none where a state has read them", given);
    const early = [...(capture?.sites ?? []).map(({ name }) => name), ...scores].find(isSourceSite);
    if (early) throw new ArgumentError("sites", "sites of the decoder, as an earlier batch has read the sources", early); // biome-ignore format: one line
    checkSequences("sequences", sequences, network, read.lengths);
    return;
  }
  if (!sources) throw new ArgumentError("sources", wanted, sources);
  checkSequences("sources", sources, encoder);
  if (sequences.length === 0) {
    checkEncoderSites(request);
    return;
  }
  if (sourceOf) checkSourceOf(network, request, sourceOf);
  else if (sources.length !== sequences.length) throw new ArgumentError("sources", `${sequences.length}: ${wanted}`, sources.length); // biome-ignore format: one line
  checkSequences("sequences", sequences, network);
}

/** Sources that several sequences may read. */
function checkSourceOf(
  network: Network,
  { sequences, sources = [], texts, interventions = [] }: ForwardRequest,
  sourceOf: Uint32Array,
): void {
  if (texts !== undefined) throw new ArgumentError("sourceOf", "none beside texts, whose copies share sources,", sourceOf); // biome-ignore format: one line
  if (sourceOf.length !== sequences.length) throw new ArgumentError("sourceOf", `one for each of ${sequences.length} sequences`, sourceOf.length); // biome-ignore format: one line
  const stranger = sourceOf.find((number) => number >= sources.length);
  if (stranger !== undefined) throw new ArgumentError("sourceOf", `numbers below ${sources.length}`, stranger);
  const site = interventions.find((one) => isOfSources(one, network.sites))?.site;
  if (site !== undefined) throw new ArgumentError("sourceOf", `none where ${site} is changed, for each sequence by itself,`, sourceOf); // biome-ignore format: one line
}

/** Without anything to decode, only the encoder's sites are there. */
function checkEncoderSites({ capture, interventions = [], scores = [], sequences }: ForwardRequest): void {
  const sites = [
    ...(capture?.sites ?? []).map(({ name }) => name),
    ...interventions.map(({ site }) => site),
    ...scores,
  ];
  const site = sites.find((name) => name.startsWith("decoder."));
  if (site !== undefined) throw new ArgumentError("sequences", `what the decoder reads, for ${site}`, sequences);
}

function checkSequences(
  list: string,
  sequences: readonly Uint32Array[],
  { vocabulary, maximumTokens }: Pick<Network, "vocabulary" | "maximumTokens">,
  pasts?: Uint32Array,
): void {
  if (sequences.length === 0) throw new ArgumentError(list, "at least one sequence", sequences);
  sequences.forEach((sequence, s) => {
    const name = `${list}[${s}]`;
    if (sequence.length === 0) throw new ArgumentError(name, "at least one token", "none");
    const length = (pasts?.[s] ?? 0) + sequence.length;
    if (length > maximumTokens) {
      throw new ArgumentError(name, `at most ${maximumTokens} tokens (the model's positions)`, length);
    }
    const stranger = sequence.find((id) => id >= vocabulary);
    if (stranger !== undefined) throw new ArgumentError(name, `ids below ${vocabulary}`, stranger);
  });
}

function checkTexts({ texts, sequences, sources = [], state, types, changed }: ForwardRequest): void {
  if (texts === undefined) {
    if (changed) throw new ArgumentError("changed", "none without texts", changed);
    return;
  }
  if (state !== undefined) throw new ArgumentError("texts", "none for texts that go on in another batch", texts);
  if (!Number.isInteger(texts) || texts < 1 || sequences.length % texts !== 0) {
    throw new ArgumentError("texts", `a whole number that divides the ${sequences.length} sequences`, texts);
  }
  const rows = countTokens(sequences.slice(0, texts));
  const tokens = countTokens(sequences);
  if (changed && changed.length !== tokens) throw new ArgumentError("changed", `${tokens} values`, changed.length);
  sequences.forEach((ids, s) => {
    const text = sequences[s % texts]!;
    if (!sameIds(ids, text)) throw new ArgumentError(`sequences[${s}]`, `a copy of sequence ${s % texts}`, ids);
  });
  sources.forEach((ids, s) => {
    if (!sameIds(ids, sources[s % texts]!))
      throw new ArgumentError(`sources[${s}]`, `a copy of source ${s % texts}`, ids);
  });
  const stranger = types?.findIndex((type, token) => type !== types[token % rows]) ?? -1;
  if (stranger >= 0) throw new ArgumentError(`types[${stranger}]`, `the type of its text's token`, types![stranger]);
}

function sameIds(a: Uint32Array, b: Uint32Array): boolean {
  return a === b || (a.length === b.length && a.every((id, t) => id === b[t]));
}

function checkTypes({ tokenTypes = 0 }: Network, { types }: ForwardRequest, tokens: number): void {
  if (!types) return;
  if (tokenTypes === 0) throw new ArgumentError("types", "none for a model without token types", types);
  if (types.length !== tokens) throw new ArgumentError("types", `one for each of ${tokens} tokens`, types.length);
  const stranger = types.find((type) => type >= tokenTypes);
  if (stranger !== undefined) throw new ArgumentError("types", `token types below ${tokenTypes}`, stranger);
}

function countTokens(sequences: readonly Uint32Array[]): number {
  return sequences.reduce((sum, { length }) => sum + length, 0);
}

function checkCapture(network: Network, { capture, sequences, sources = [] }: ForwardRequest): void {
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
  const ofSources = network.encoder !== null && isSourceSite(capture.sites[0]!.name);
  if (capture.rows) checkRows(capture.rows, countTokens(ofSources ? sources : sequences));
  if (network.encoder) checkOneStack(capture.sites.map(({ name }) => name));
}

function checkRows({ starts, ends }: PooledRows, tokens: number): void {
  if (starts.length !== ends.length) throw new ArgumentError("rows.ends", `${starts.length} ends`, ends.length);
  starts.forEach((start, row) => {
    if (start < ends[row]! && ends[row]! <= tokens) return;
    throw new ArgumentError(`rows[${row}]`, `a run of the ${tokens} tokens`, [start, ends[row]]);
  });
}

function checkTargets(network: Network, { targets, sequences }: ForwardRequest, tokens: number): void {
  if (!targets) return;
  const { head } = network;
  if (!head) throw new ArgumentError("targets", "none for a model without a head", targets);
  if (head.kind.endsWith("scores")) throw new ArgumentError("targets", "none for a head whose scores do not exclude each other", targets); // biome-ignore format: one line
  const [count, what] = classifiesSequences(network) ? [sequences.length, "sequences"] : [tokens, "tokens"];
  if (targets.length !== count) throw new ArgumentError("targets", `one for each of ${count} ${what}`, targets.length);
  const stranger = targets.find((target) => target !== NO_TARGET && target >= head.width);
  const numbers = head.labels.length > 0 ? "classes" : "ids";
  if (stranger !== undefined) throw new ArgumentError("targets", `${numbers} below ${head.width}`, stranger);
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

function checkIdentities({ identities, sequences, state }: ForwardRequest): void {
  if (!identities) return;
  if (identities.length !== sequences.length) {
    throw new ArgumentError("identities", `one for each of ${sequences.length} sequences`, identities.length);
  }
  if (state && state !== "start")
    throw new ArgumentError("identities", "none beside a state, which brings its own", identities);
}

function checkState(network: Network, { state, sequences }: ForwardRequest): void {
  if (state === undefined) return;
  const causal = network.head?.kind === "causal";
  if (network.recurrence?.directions === 2) throw new ArgumentError("state", "none for a model that reads backwards too", state); // biome-ignore format: one line
  if (!network.recurrence && !causal) throw new ArgumentError("state", "none for a model that does not predict the next token", state); // biome-ignore format: one line
  if (state === "start") return;
  if (!canGoOn(network, state)) throw new ArgumentError("state", "a state that this model gave", state);
  if (state instanceof CacheState && !state.latest) {
    throw new ArgumentError("state", "the latest state of its texts", "one that was gone on from");
  }
  if (state.sequences !== sequences.length) {
    throw new ArgumentError("state", `a state of ${sequences.length} sequences`, state.sequences);
  }
}

/** Whether a state is of the kind that the network gives. */
function canGoOn({ recurrence, encoder }: Network, state: TextState): boolean {
  if (!recurrence) return state instanceof CacheState;
  return state instanceof DeviceState && (state.sources !== null) === (encoder !== null);
}
