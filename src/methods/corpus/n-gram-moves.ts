/** The tokens of which n-grams are made: all, and those to which the target answers when it reads nothing else, most first. */
export interface SearchTokens {
  readonly all: Uint32Array;
  readonly likely: Uint32Array;
}

/** N-grams that a search may read next, and how many of these that it has not read before. */
export interface Proposal {
  readonly made: Iterable<Uint32Array>;
  readonly most: number;
}

/** What is done to the best n-grams so far to make others; `round` counts from 0. */
export type Moves = (best: readonly Uint32Array[], round: number) => readonly Proposal[];

/** Tokens from which half of all draws are made. */
const drawnFrom = 64;
const beamWidth = 4;

/** Every token from the likely ones or from all, half and half. */
export function randomNGram(length: number, tokens: SearchTokens, uniform: () => number): Uint32Array {
  return Uint32Array.from({ length }, () => drawToken(tokens, uniform));
}

/**
 * Evolution: children of two parents each, of which better n-grams are drawn more often. Half of them are cut and joined; one
 * in eight is moved by a token, first to last; in the others one token or more is replaced. One in eight has no parents.
 * Beside them stands the best n-gram with one token replaced, by every likely one in turn.
 */
export function evolution(tokens: SearchTokens, uniform: () => number): Moves {
  return (best) => [
    { made: children(best, tokens, uniform), most: 48 },
    { made: replacements(best.slice(0, 1), [...best[0]!.keys()], tokens.likely), most: 16 },
  ];
}

/**
 * Beam: the best four n-grams with the token of one place replaced, another place each round: by the next of the likely
 * tokens, and by others that are drawn.
 */
export function beam(tokens: SearchTokens, uniform: () => number): Moves {
  return (best, round) => {
    const [members, place] = [best.slice(0, beamWidth), round % best[0]!.length];
    const drawn = Array.from({ length: 32 }, () => drawToken(tokens, uniform));
    return [
      { made: replacements(members, [place], tokens.likely), most: 64 },
      { made: replacements(members, [place], drawn), most: 64 },
    ];
  };
}

function* children(best: readonly Uint32Array[], tokens: SearchTokens, uniform: () => number) {
  const whole = (below: number) => Math.floor(below * uniform());
  const parent = () => best[Math.floor(best.length * uniform() ** 2)]!;
  for (let i = 0; i < 64; i++) {
    const child = parent().slice();
    const kind = whole(8);
    if (kind === 0) {
      yield randomNGram(child.length, tokens, uniform);
      continue;
    }
    if (kind === 1) {
      child.set(uniform() < 0.5 ? [...child.subarray(1), child[0]!] : [child.at(-1)!, ...child.subarray(0, -1)]);
      yield child;
      continue;
    }
    if (kind < 5) {
      const cut = whole(child.length);
      child.set(parent().subarray(cut), cut);
    }
    do child[whole(child.length)] = drawToken(tokens, uniform);
    while (uniform() < 0.3);
    yield child;
  }
}

function* replacements(members: readonly Uint32Array[], places: readonly number[], tokens: Iterable<number>) {
  for (const token of tokens) {
    for (const one of members) {
      for (const place of places) yield one.with(place, token);
    }
  }
}

function drawToken({ all, likely }: SearchTokens, uniform: () => number): number {
  const from = likely.length > 0 && uniform() < 0.5 ? likely.subarray(0, drawnFrom) : all;
  return from[Math.floor(from.length * uniform())]!;
}
