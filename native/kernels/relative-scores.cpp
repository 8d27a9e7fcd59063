// Softmax weights of attention with relative positions and segments (Dai et al. 2019, Yang et al. 2019), of packed
// sequences:
//
//   s = scale·((q_i + u)·k_k + (q_i + v)·r_d + [type_i ≠ type_k] (q_i + w)·z),  weights = softmax over k of i's sequence
//
// d = i − k, clamped to −reach … reach; row reach + d of distances is r_d; the rows of biases are u, v, w, z. Row i of
// weights has `span` columns per head, 0 behind the sequence's keys.
//
// One task is a few blocks of 2 · kLanes queries of one sequence and head. Scores stand transposed, keys × queries, as
// in attention; the distances that a block meets are consecutive rows, whose products with its queries stand beside
// them and are added along their diagonals. float32: dot products of a head's width.
#include "kernels/attention-scores.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

struct Relative {
  Problem attention;
  Matrix distances, biases;
  const std::uint32_t* types;
};

// Memory of one block: packed queries, scores of keys and of distances, and what another type is worth.
struct BlockMemory {
  float* raw;
  float* queries;
  float* scores;
  float* byDistance;
  float* byType;
};

// queries[c, lane] = raw[c, lane] + scale · bias[c].
template <std::size_t V>
[[gnu::always_inline]] inline void addBias(const Problem& p, const float* raw, const float* bias, float* queries) {
  for (std::size_t c = 0; c < p.width; c++) {
    const Floats added = splat(p.scale * bias[c]);
    for (std::size_t v = 0; v < V; v++) store(queries + (c * V + v) * kLanes, load(raw + (c * V + v) * kLanes) + added);
  }
}

// out[i, lane] = queries · row i of some consecutive rows; a last tile writes up to kKeys − 1 rows too many.
template <std::size_t V>
void scoreRows(const float* queries, const float* rows, std::size_t stride, std::size_t count, std::size_t width, float* out) {
  for (std::size_t i = 0; i < count; i += kKeys) scoreTile<V>(queries, rows + i * stride, stride, count - 1 - i, width, out + i * V * kLanes);
}

std::int64_t within(std::int64_t value, std::int64_t low, std::int64_t high) {
  return value < low ? low : value > high ? high : value;
}

// scores[k, i] += byDistance[row of i − k, i]: a key's row crosses the distances along a diagonal.
template <std::size_t V>
void addDistances(const Block& block, std::int64_t low, std::int64_t high, const float* byDistance, float* scores) {
  constexpr std::size_t lanes = V * kLanes;
  for (std::size_t k = 0; k < block.high; k++) {
    const std::int64_t distance = static_cast<std::int64_t>(block.first) - static_cast<std::int64_t>(k);
    float* row = scores + k * lanes;
    if (distance >= low && distance + static_cast<std::int64_t>(block.count) - 1 <= high) {
      const float* from = byDistance + static_cast<std::size_t>(distance - low) * lanes;
      for (std::size_t i = 0; i < block.count; i++) row[i] += from[i * (lanes + 1)];
      continue;
    }
    for (std::size_t i = 0; i < block.count; i++) {
      const std::int64_t clamped = within(distance + static_cast<std::int64_t>(i), low, high);
      row[i] += byDistance[static_cast<std::size_t>(clamped - low) * lanes + i];
    }
  }
}

bool allAlike(const std::uint32_t* types, std::size_t count) {
  bool alike = true;
  for (std::size_t k = 1; k < count; k++) alike &= types[k] == types[0];
  return alike;
}

// scores[k, i] += (q_i + w)·z where the types of query i and key k differ.
template <std::size_t V>
void addTypes(const Relative& r, const Block& block, const BlockMemory& memory) {
  constexpr std::size_t lanes = V * kLanes;
  const std::uint32_t* types = r.types + block.row - block.first;
  const std::size_t column = block.head * r.attention.width;
  const float* bias = r.biases.data + column;
  addBias<V>(r.attention, memory.raw, bias + 2 * r.biases.stride, memory.queries);
  scoreTile<V>(memory.queries, bias + 3 * r.biases.stride, r.biases.stride, 0, r.attention.width, memory.byType);
  for (std::size_t k = 0; k < block.high; k++) {
    for (std::size_t i = 0; i < block.count; i++) {
      if (types[block.first + i] != types[k]) memory.scores[k * lanes + i] += memory.byType[i];
    }
  }
}

template <std::size_t V>
void weighBlock(const Relative& r, const Block& block, const BlockMemory& memory) {
  constexpr std::size_t lanes = V * kLanes;
  const Problem& p = r.attention;
  const std::size_t column = block.head * p.width;
  const float* bias = r.biases.data + column;
  packQueries(p, block, lanes, memory.raw);

  addBias<V>(p, memory.raw, bias, memory.queries);
  scoreRows<V>(memory.queries, p.key.data + block.keys.own * p.key.stride + column, p.key.stride, block.high, p.width, memory.scores);

  const auto reach = static_cast<std::int64_t>(p.reach);
  const auto first = static_cast<std::int64_t>(block.first);
  const std::int64_t low = within(first - static_cast<std::int64_t>(block.high) + 1, -reach, reach);
  const std::int64_t high = within(first + static_cast<std::int64_t>(block.count) - 1, -reach, reach);
  addBias<V>(p, memory.raw, bias + r.biases.stride, memory.queries);
  const float* rows = r.distances.data + static_cast<std::size_t>(reach + low) * r.distances.stride + column;
  scoreRows<V>(memory.queries, rows, r.distances.stride, static_cast<std::size_t>(high - low) + 1, p.width, memory.byDistance);
  addDistances<V>(block, low, high, memory.byDistance, memory.scores);
  if (r.types && !allAlike(r.types + block.row - block.first, block.high)) addTypes<V>(r, block, memory);

  alignas(64) float inverse[lanes];
  exponentiate<V>(block, memory.scores, inverse);
  for (std::size_t i = 0; i < block.count; i++) {
    float* to = p.weights + (block.row + i) * p.weightsStride + block.head * p.span;
    for (std::size_t k = 0; k < p.span; k++) to[k] = k < block.high ? memory.scores[k * lanes + i] * inverse[i] : 0;
  }
}

struct Piece {
  std::uint32_t sequence, first;
};

}  // namespace

const char* relativeScores(const Arguments& arguments, Pool& pool) {
  const Matrix query = {arguments.data<const float>(0), arguments.stride(0)};
  const Matrix key = {arguments.data<const float>(1), arguments.stride(1)};
  const auto* offsets = arguments.data<const std::uint32_t>(4);
  const std::size_t sequences = arguments.size(0), tokens = arguments.size(1);
  const std::size_t heads = arguments.size(3), width = arguments.size(4), span = arguments.size(5), reach = arguments.size(6);
  const Relative r = {{query, key, {}, offsets, nullptr, nullptr, nullptr, arguments.data<float>(6), 0, arguments.stride(6), 0, heads, heads,
                       width, span, 0, reach, arguments.real(7), 0, false},
                      {arguments.data<const float>(2), arguments.stride(2)},
                      {arguments.data<const float>(3), arguments.stride(3)},
                      arguments.data<const std::uint32_t>(5)};

  std::size_t count = 0, longest = 0, cells = 0;
  for (std::size_t s = 0; s < sequences; s++) {
    if (offsets[s] > offsets[s + 1] || offsets[s + 1] > tokens) return "a sequence reaches past the last token";
    const std::size_t length = offsets[s + 1] - offsets[s];
    if (length > span) return "a sequence has more keys than the span of the weights";
    count += (length + 2 * kLanes - 1) / (2 * kLanes);
    cells += length * length;
    longest = larger(longest, length);
  }
  Scratch<Piece> pieces(count);
  if (!pieces.data) return "there is no memory for the list of blocks";
  std::size_t filled = 0;
  for (std::size_t s = 0; s < sequences; s++) {
    for (std::size_t first = 0; first < offsets[s + 1] - offsets[s]; first += 2 * kLanes) {
      pieces[filled++] = {static_cast<std::uint32_t>(s), static_cast<std::uint32_t>(first)};
    }
  }

  bool exhausted = false;
  const std::size_t cost = 2 * width * (1 + cells / larger(1, count) / kLanes);
  overRows(pool, count * heads, cost, 1 << 16, [&](std::size_t begin, std::size_t end) {
    constexpr std::size_t lanes = 2 * kLanes;
    const std::size_t scores = lanes * (longest + kKeys), byDistance = lanes * (longest + lanes + kKeys);
    Scratch<float> whole(2 * lanes * width + scores + byDistance + lanes * kKeys);
    if (!whole.data) {
      __atomic_store_n(&exhausted, true, __ATOMIC_RELAXED);
      return;
    }
    float* after = whole.data + 2 * lanes * width;
    const BlockMemory memory = {whole.data, whole.data + lanes * width, after, after + scores, after + scores + byDistance};
    for (std::size_t item = begin; item < end; item++) {
      const Piece& piece = pieces[item / heads];
      const std::size_t start = offsets[piece.sequence], length = offsets[piece.sequence + 1] - start;
      const Block block = {start + piece.first, piece.first, smaller(lanes, length - piece.first), item % heads, 0, length, piece.first,
                           {0, 0, start, length}};
      if (block.count > kLanes) weighBlock<2>(r, block, memory);
      else weighBlock<1>(r, block, memory);
    }
  });
  return exhausted ? "there is no memory for the scores of a block" : nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
