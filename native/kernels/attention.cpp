// Scaled dot-product attention (Vaswani et al. 2017) of packed sequences, fused: no score leaves the cache
// unless `weights` asks for it.
//
//   s = scale·q·k,  s = cap·tanh(s/cap) where cap > 0,  s += bias[head, distance],  out = Σ softmax(s)·v
//
// Sequence s has the queries offsets[s] … offsets[s + 1] − 1 and, without `ranges`, the keys of the same
// rows; with it the key rows ranges[4s] … ranges[4s + 1] − 1 (a prefix that sequences may share) and then
// ranges[4s + 2] … ranges[4s + 3] − 1. The last query stands at the last key: query i of n is at position
// p = i + keys − n. It sees keys up to p (causal) and, with a window w > 0, keys after p − w. Query head h
// reads key head h·keyHeads/heads. bias has 2·reach + 1 columns, for distances p − key = −reach … reach,
// clamped. A query that sees no key gives zeros. Row t of weights has `span` columns per head, 0 where no
// key is seen.
//
// One task is a few blocks of 2 · kLanes queries of one sequence and head. Its scores stand transposed, keys ×
// queries, so that a row of keys is read as it lies, softmax runs down the lanes, and nothing is packed but the
// queries. float32: dot products of a head's width, weights in sums of 64, all positive.
#include "kernels/attention-scores.h"
#include "kernels/attention-single.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

// out[i, c …] = inverse[i] · Σ_k scores[k, i] · value[k, c …] for kRows queries and C vectors of columns, or one
// vector of `tail` columns.
template <std::size_t C, bool Whole>
[[gnu::always_inline]] inline void valueTile(const Problem& p, const Block& block, const float* scores, std::size_t lanes, const float* inverse, std::size_t column, std::size_t tail, float* out, std::size_t rows) {
  Floats sum[kRows][C] = {};
  const std::size_t head = block.head * p.keyHeads / p.heads * p.width;
  block.keys.runs(block.low, block.high, [&](std::size_t first, std::size_t row, std::size_t count) {
    const float* value = p.value.data + row * p.value.stride + head + column;
    const float* weight = scores + (first - block.low) * lanes;
    for (std::size_t k = 0; k < count; k++, value += p.value.stride, weight += lanes) {
      Floats at[C];
#pragma GCC unroll 4
      for (std::size_t c = 0; c < C; c++) at[c] = Whole ? load(value + c * kLanes) : loadSome(value, tail);
#pragma GCC unroll 8
      for (std::size_t i = 0; i < kRows; i++) {
        const Floats w = splat(weight[i]);
#pragma GCC unroll 4
        for (std::size_t c = 0; c < C; c++) sum[i][c] += w * at[c];
      }
    }
  });
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kRows; i++) {
    if (i >= rows) return;
#pragma GCC unroll 4
    for (std::size_t c = 0; c < C; c++) {
      const Floats mixed = sum[i][c] * inverse[i];
      if (Whole) store(out + i * p.outStride + c * kLanes, mixed);
      else storeSome(out + i * p.outStride, mixed, tail);
    }
  }
}

template <std::size_t V>
void mixValues(const Problem& p, const Block& block, const float* scores, const float* inverse) {
  for (std::size_t column = 0; column < p.width;) {
    const std::size_t left = p.width - column;
    for (std::size_t i = 0; i < block.count; i += kRows) {
      float* out = p.out + (block.row + i) * p.outStride + block.head * p.width + column;
      const std::size_t rows = block.count - i;
      if (left >= 2 * kLanes) valueTile<2, true>(p, block, scores + i, V * kLanes, inverse + i, column, kLanes, out, rows);
      else if (left >= kLanes) valueTile<1, true>(p, block, scores + i, V * kLanes, inverse + i, column, kLanes, out, rows);
      else valueTile<1, false>(p, block, scores + i, V * kLanes, inverse + i, column, left, out, rows);
    }
    column += left >= 2 * kLanes ? 2 * kLanes : kLanes;
  }
}

void writeWeights(const Problem& p, const Block& block, const float* scores, std::size_t lanes, const float* inverse) {
  for (std::size_t i = 0; i < block.count; i++) {
    float* to = p.weights + (block.row + i) * p.weightsStride + block.head * p.span;
    for (std::size_t k = 0; k < p.span; k++) {
      to[k] = k >= block.low && k < block.high ? scores[(k - block.low) * lanes + i] * inverse[i] : 0;
    }
  }
}

template <std::size_t V>
void attendBlock(const Problem& p, const Block& block, float* queries, float* scores) {
  alignas(64) float inverse[V * kLanes];
  packQueries(p, block, V * kLanes, queries);
  scoreKeys<V>(p, block, queries, scores);
  if (p.cap > 0 || p.bias) adjustScores<V>(p, block, scores);
  if (p.causal || p.window > 0) maskScores<V>(p, block, scores);
  exponentiate<V>(block, scores, inverse);
  mixValues<V>(p, block, scores, inverse);
  if (p.weights) writeWeights(p, block, scores, V * kLanes, inverse);
}

void attendSingle(const Problem& p, const Block& block, float* scores) {
  scoreSingle(p, block, scores);
  if (p.cap > 0 || p.bias) adjustSingle(p, block, scores);
  const float inverse = exponentiateSingle(block.high - block.low, scores);
  mixSingle(p, block, scores, inverse);
  if (p.weights) writeWeights(p, block, scores, 1, &inverse);
}

Keys keysOf(const Problem& p, std::size_t sequence) {
  if (!p.ranges) return {0, 0, p.offsets[sequence], p.offsets[sequence + 1] - p.offsets[sequence]};
  const std::uint32_t* range = p.ranges + 4 * sequence;
  const std::size_t prefix = range[1] - range[0];
  return {range[0], prefix, range[2], prefix + (range[3] - range[2])};
}

Block blockOf(const Problem& p, std::size_t sequence, std::size_t first, std::size_t head) {
  const std::size_t queries = p.offsets[sequence + 1] - p.offsets[sequence];
  const std::size_t count = smaller(2 * kLanes, queries - first);
  const Keys keys = keysOf(p, sequence);
  const auto position = static_cast<std::int64_t>(first + keys.count) - static_cast<std::int64_t>(queries);
  const std::int64_t last = position + static_cast<std::int64_t>(count);
  const std::size_t high = !p.causal ? keys.count : last < 0 ? 0 : smaller(keys.count, static_cast<std::size_t>(last));
  const std::int64_t seen = position - static_cast<std::int64_t>(p.window) + 1;
  const std::size_t low = p.window == 0 || seen <= 0 ? 0 : smaller(high, static_cast<std::size_t>(seen));
  return {p.offsets[sequence] + first, first, count, head, low, high, static_cast<std::size_t>(position), keys};
}

struct Piece {
  std::uint32_t sequence, first;
};

struct Work {
  std::size_t pieces, longest, keys;
};

Work countWork(const Problem& p, std::size_t sequences) {
  Work work = {0, 0, 0};
  for (std::size_t s = 0; s < sequences; s++) {
    const std::size_t keys = keysOf(p, s).count;
    const std::size_t pieces = (p.offsets[s + 1] - p.offsets[s] + 2 * kLanes - 1) / (2 * kLanes);
    work.pieces += pieces;
    work.keys += pieces * keys;
    work.longest = larger(work.longest, keys);
  }
  return work;
}

const char* refusal(const Problem& p, std::size_t sequences, std::size_t tokens, std::size_t keyRows) {
  if (p.keyHeads == 0 || p.heads % p.keyHeads != 0) return "the query heads are not a multiple of the key heads";
  for (std::size_t s = 0; s < sequences; s++) {
    if (p.offsets[s] > p.offsets[s + 1] || p.offsets[s + 1] > tokens) return "a sequence reaches past the last query";
    const std::uint32_t* range = p.ranges ? p.ranges + 4 * s : nullptr;
    if (range && (range[0] > range[1] || range[2] > range[3] || range[1] > keyRows || range[3] > keyRows)) return "a sequence reaches past the last key";
    if (!range && p.offsets[s + 1] > keyRows) return "a sequence reaches past the last key";
    if (p.weights && keysOf(p, s).count > p.span) return "a sequence has more keys than the span of the weights";
  }
  return nullptr;
}

}  // namespace

const char* attention(const Arguments& arguments, Pool& pool) {
  const Problem p = {{arguments.data<const float>(0), arguments.stride(0)}, {arguments.data<const float>(1), arguments.stride(1)},
                     {arguments.data<const float>(2), arguments.stride(2)}, arguments.data<const std::uint32_t>(3),
                     arguments.data<const std::uint32_t>(4), arguments.data<const float>(5), arguments.data<float>(6), arguments.data<float>(7),
                     arguments.stride(6), arguments.stride(7), arguments.stride(5),
                     arguments.size(4), arguments.size(5), arguments.size(6), arguments.size(7), arguments.size(8), arguments.size(9),
                     arguments.real(10), arguments.real(11), arguments.size(12) != 0};
  const std::size_t sequences = arguments.size(0);
  if (const char* refused = refusal(p, sequences, arguments.size(1), arguments.size(2))) return refused;

  const Work work = countWork(p, sequences);
  Scratch<Piece> pieces(work.pieces);
  if (!pieces.data) return "there is no memory for the list of blocks";
  std::size_t filled = 0;
  for (std::size_t s = 0; s < sequences; s++) {
    for (std::size_t first = 0; first < p.offsets[s + 1] - p.offsets[s]; first += 2 * kLanes) {
      pieces[filled++] = {static_cast<std::uint32_t>(s), static_cast<std::uint32_t>(first)};
    }
  }

  bool exhausted = false;
  const std::size_t cost = p.width * (1 + work.keys / larger(1, work.pieces));
  overRows(pool, work.pieces * p.heads, cost, 1 << 16, [&](std::size_t begin, std::size_t end) {
    Scratch<float> memory(2 * kLanes * (p.width + work.longest + kKeys));
    if (!memory.data) {
      __atomic_store_n(&exhausted, true, __ATOMIC_RELAXED);
      return;
    }
    float* scores = memory.data + 2 * kLanes * p.width;
    for (std::size_t item = begin; item < end; item++) {
      const Piece& piece = pieces[item / p.heads];
      const Block block = blockOf(p, piece.sequence, piece.first, item % p.heads);
      if (block.count == 1) attendSingle(p, block, scores);
      else if (block.count > kLanes) attendBlock<2>(p, block, memory.data, scores);
      else attendBlock<1>(p, block, memory.data, scores);
    }
  });
  return exhausted ? "there is no memory for the scores of a block" : nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
