#pragma once
// The scores of one block of attention (attention.cpp has the formula): queries packed, times keys, capped, biased,
// masked, and made weights. They stand transposed, keys × queries, one query a lane.
#include "kernels/lanes.h"
#include "kernels/vector-math.h"

namespace neurometry::NEUROMETRY_ISA {

inline constexpr float kMasked = -3e38f;
// Keys of one score tile, and queries × vectors of columns of one output tile: what the registers hold.
#if defined(__AVX512F__)
inline constexpr std::size_t kKeys = 8, kRows = 8;
#else
inline constexpr std::size_t kKeys = 4, kRows = 4;
#endif

struct Matrix {
  const float* data;
  std::size_t stride;
};

struct Problem {
  Matrix query, key, value;
  const std::uint32_t* offsets;
  const std::uint32_t* ranges;
  const float* bias;
  float* out;
  float* weights;
  std::size_t outStride, weightsStride, biasStride;
  std::size_t heads, keyHeads, width, span, window, reach;
  float scale, cap;
  bool causal;
};

// The keys of one sequence: a prefix and its own rows, counted through.
struct Keys {
  std::size_t prefix, prefixCount, own, count;

  // Calls body(first key, first row, count) for the runs of consecutive rows in low … high − 1.
  template <typename Body>
  [[gnu::always_inline]] void runs(std::size_t low, std::size_t high, const Body& body) const {
    const std::size_t cut = smaller(larger(prefixCount, low), high);
    if (low < cut) body(low, prefix + low, cut - low);
    if (cut < high) body(cut, own + cut - prefixCount, high - cut);
  }
};

// Queries first … first + count − 1 of a sequence and head, and the keys low … high − 1 that any of them sees.
struct Block {
  std::size_t row, first, count, head, low, high;
  std::size_t position;  // of the first query among the keys; may be negative, modulo 2^64
  Keys keys;
};

// queries[c, lane] = scale · query column c; unused lanes are 0.
[[gnu::always_inline]] inline void packQueries(const Problem& p, const Block& block, std::size_t lanes, float* queries) {
  const float* from = p.query.data + block.row * p.query.stride + block.head * p.width;
  for (std::size_t first = 0; first < lanes; first += kLanes) {
    const std::size_t rows = block.count > first ? smaller(kLanes, block.count - first) : 0;
    alongRow(p.width, [&](std::size_t column, std::size_t count) {
      Floats square[kLanes];
      for (std::size_t i = 0; i < kLanes; i++) {
        square[i] = i < rows ? loadPart(from + (first + i) * p.query.stride + column, count) * p.scale : Floats{};
      }
      transposeSquare(square);
      for (std::size_t c = 0; c < count; c++) store(queries + (column + c) * lanes + first, square[c]);
    });
  }
}

// scores[k, lane] = queries · key row k, for kKeys rows of which the last ones may repeat row `last`.
template <std::size_t V>
[[gnu::always_inline]] inline void scoreTile(const float* queries, const float* keys, std::size_t stride, std::size_t last, std::size_t width, float* scores) {
  const float* rows[kKeys];
#pragma GCC unroll 8
  for (std::size_t k = 0; k < kKeys; k++) rows[k] = keys + smaller(k, last) * stride;
  Floats sum[kKeys][V] = {};
  for (std::size_t c = 0; c < width; c++) {
    Floats q[V];
#pragma GCC unroll 2
    for (std::size_t v = 0; v < V; v++) q[v] = load(queries + (c * V + v) * kLanes);
#pragma GCC unroll 8
    for (std::size_t k = 0; k < kKeys; k++) {
      const Floats key = splat(rows[k][c]);
#pragma GCC unroll 2
      for (std::size_t v = 0; v < V; v++) sum[k][v] += q[v] * key;
    }
  }
#pragma GCC unroll 8
  for (std::size_t k = 0; k < kKeys; k++) {
#pragma GCC unroll 2
    for (std::size_t v = 0; v < V; v++) store(scores + (k * V + v) * kLanes, sum[k][v]);
  }
}

// Scores of all keys that the block sees. A last tile writes up to kKeys − 1 rows too many, which the
// next run overwrites or nobody reads.
template <std::size_t V>
void scoreKeys(const Problem& p, const Block& block, const float* queries, float* scores) {
  const std::size_t column = block.head * p.keyHeads / p.heads * p.width;
  block.keys.runs(block.low, block.high, [&](std::size_t first, std::size_t row, std::size_t count) {
    const float* keys = p.key.data + row * p.key.stride + column;
    float* to = scores + (first - block.low) * V * kLanes;
    for (std::size_t k = 0; k < count; k += kKeys) {
      scoreTile<V>(queries, keys + k * p.key.stride, p.key.stride, count - 1 - k, p.width, to + k * V * kLanes);
    }
  });
}

// Soft cap and bias, which few models have: one value at a time for the bias.
template <std::size_t V>
void adjustScores(const Problem& p, const Block& block, float* scores) {
  const std::size_t lanes = V * kLanes;
  const auto reach = static_cast<std::int64_t>(p.reach);
  for (std::size_t k = block.low; k < block.high; k++) {
    float* row = scores + (k - block.low) * lanes;
    for (std::size_t v = 0; v < V && p.cap > 0; v++) {
      store(row + v * kLanes, hyperbolicTangent(load(row + v * kLanes) / p.cap) * p.cap);
    }
    for (std::size_t i = 0; i < block.count && p.bias; i++) {
      auto distance = static_cast<std::int64_t>(block.position + i - k);
      distance = distance > reach ? reach : distance < -reach ? -reach : distance;
      row[i] += p.bias[block.head * p.biasStride + static_cast<std::size_t>(distance + reach)];
    }
  }
}

// Lanes whose query sees key k: k ≤ position + lane (causal), k + window > position + lane.
template <std::size_t V>
[[gnu::always_inline]] inline void maskScores(const Problem& p, const Block& block, float* scores) {
  const auto position = static_cast<std::int64_t>(block.position);
  for (std::size_t k = block.low; k < block.high; k++) {
    const std::int64_t ahead = static_cast<std::int64_t>(k) - position;
    const bool late = p.causal && ahead > 0;
    const bool early = p.window > 0 && ahead + static_cast<std::int64_t>(p.window) <= static_cast<std::int64_t>(block.count - 1);
    if (!late && !early) continue;
    for (std::size_t v = 0; v < V; v++) {
      float* at = scores + ((k - block.low) * V + v) * kLanes;
      const Integers lane = laneNumbers() + static_cast<std::int32_t>(v * kLanes);
      Floats value = load(at);
      if (late) value = select(lane < static_cast<std::int32_t>(ahead), splat(kMasked), value);
      if (early) value = select(lane >= static_cast<std::int32_t>(ahead + static_cast<std::int64_t>(p.window)), splat(kMasked), value);
      store(at, value);
    }
  }
}

// Scores become e^(s − max); inverse[lane] = 1 / their sum, 0 for a query that sees nothing.
template <std::size_t V>
[[gnu::always_inline]] inline void exponentiate(const Block& block, float* scores, float* inverse) {
  const std::size_t count = block.high - block.low;
  for (std::size_t v = 0; v < V; v++) {
    float* column = scores + v * kLanes;
    Floats largest = splat(kMasked);
    for (std::size_t k = 0; k < count; k++) largest = larger(load(column + k * V * kLanes), largest);
    Floats sum = {};
    for (std::size_t first = 0; first < count; first += 64) {
      Floats part = {};
      for (std::size_t k = first; k < smaller(count, first + 64); k++) {
        const Floats e = exponentialBelow(load(column + k * V * kLanes) - largest);
        store(column + k * V * kLanes, e);
        part += e;
      }
      sum += part;
    }
    store(inverse + v * kLanes, select(largest > -1e38f, 1.0f / sum, Floats{}));
  }
}

}  // namespace neurometry::NEUROMETRY_ISA
