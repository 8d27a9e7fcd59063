#pragma once
// A block of one query, as there is for every sequence of a text that goes on token by token: one score a key, one behind
// the other, and vectors that run along the columns of a head. The same formula as blocks of many (attention.cpp), whose
// lanes would be empty but for one.
#include "kernels/attention-scores.h"

namespace neurometry::NEUROMETRY_ISA {

// scores[k] = scale · query · key row k.
inline void scoreSingle(const Problem& p, const Block& block, float* scores) {
  const float* query = p.query.data + block.row * p.query.stride + block.head * p.width;
  const std::size_t column = block.head * p.keyHeads / p.heads * p.width;
  block.keys.runs(block.low, block.high, [&](std::size_t first, std::size_t row, std::size_t count) {
    const float* key = p.key.data + row * p.key.stride + column;
    float* to = scores + first - block.low;
    std::size_t k = 0;
    for (; k + 4 <= count; k += 4, key += 4 * p.key.stride) {
      Floats sum0 = {}, sum1 = {}, sum2 = {}, sum3 = {};
      alongRow(p.width, [&](std::size_t c, std::size_t n) {
        const Floats q = loadPart(query + c, n);
        sum0 += q * loadPart(key + c, n);
        sum1 += q * loadPart(key + p.key.stride + c, n);
        sum2 += q * loadPart(key + 2 * p.key.stride + c, n);
        sum3 += q * loadPart(key + 3 * p.key.stride + c, n);
      });
      storePart(to + k, sumLanesOfFour(sum0, sum1, sum2, sum3) * p.scale, 4);
    }
    for (; k < count; k++, key += p.key.stride) {
      Floats sum = {};
      alongRow(p.width, [&](std::size_t c, std::size_t n) { sum += loadPart(query + c, n) * loadPart(key + c, n); });
      to[k] = sumLanes(sum) * p.scale;
    }
  });
}

// Soft cap and bias, which few models have. Nothing is masked: the block sees exactly what its query does.
inline void adjustSingle(const Problem& p, const Block& block, float* scores) {
  const auto reach = static_cast<std::int64_t>(p.reach);
  const std::size_t count = block.high - block.low;
  for (std::size_t k = 0; k < count && p.cap > 0; k += kLanes) {
    const std::size_t n = smaller(kLanes, count - k);
    storePart(scores + k, hyperbolicTangent(loadPart(scores + k, n) / p.cap) * p.cap, n);
  }
  for (std::size_t k = 0; k < count && p.bias; k++) {
    auto distance = static_cast<std::int64_t>(block.position - block.low - k);
    distance = distance > reach ? reach : distance < -reach ? -reach : distance;
    scores[k] += p.bias[block.head * p.biasStride + static_cast<std::size_t>(distance + reach)];
  }
}

// Scores become e^(s − max). Returns 1 / their sum, 0 where there are none; sums of 64 vectors as for many queries.
inline float exponentiateSingle(std::size_t count, float* scores) {
  const float largest = largestOfRow(scores, count);
  float sum = 0;
  for (std::size_t first = 0; first < count; first += 64 * kLanes) {
    Floats part = {};
    for (std::size_t k = first; k < smaller(count, first + 64 * kLanes); k += kLanes) {
      const std::size_t n = smaller(kLanes, count - k);
      const Floats e = exponentialBelow(loadPart(scores + k, n, kMasked) - largest);
      storePart(scores + k, e, n);
      part += laneNumbers() < static_cast<std::int32_t>(n) ? e : Floats{};
    }
    sum += sumLanes(part);
  }
  return count == 0 ? 0.0f : 1.0f / sum;
}

// Σ_k scores[k] · value[k, c …] for C vectors of columns, or one vector of `tail` columns.
template <std::size_t C, bool Whole>
[[gnu::always_inline]] inline void valueSingle(const Problem& p, const Block& block, const float* scores, float inverse, std::size_t column, std::size_t tail) {
  Floats even[C] = {}, odd[C] = {};
  const std::size_t head = block.head * p.keyHeads / p.heads * p.width;
  block.keys.runs(block.low, block.high, [&](std::size_t first, std::size_t row, std::size_t count) {
    const float* value = p.value.data + row * p.value.stride + head + column;
    const float* weight = scores + first - block.low;
    std::size_t k = 0;
    for (; k + 2 <= count; k += 2, value += 2 * p.value.stride) {
      const Floats w0 = splat(weight[k]), w1 = splat(weight[k + 1]);
#pragma GCC unroll 4
      for (std::size_t c = 0; c < C; c++) {
        even[c] += w0 * (Whole ? load(value + c * kLanes) : loadSome(value, tail));
        odd[c] += w1 * (Whole ? load(value + p.value.stride + c * kLanes) : loadSome(value + p.value.stride, tail));
      }
    }
    if (k == count) return;
#pragma GCC unroll 4
    for (std::size_t c = 0; c < C; c++) even[c] += splat(weight[k]) * (Whole ? load(value + c * kLanes) : loadSome(value, tail));
  });
  float* out = p.out + block.row * p.outStride + block.head * p.width + column;
#pragma GCC unroll 4
  for (std::size_t c = 0; c < C; c++) {
    const Floats mixed = (even[c] + odd[c]) * inverse;
    if (Whole) store(out + c * kLanes, mixed);
    else storeSome(out, mixed, tail);
  }
}

inline void mixSingle(const Problem& p, const Block& block, const float* scores, float inverse) {
  std::size_t column = 0;
  for (; column + 4 * kLanes <= p.width; column += 4 * kLanes) valueSingle<4, true>(p, block, scores, inverse, column, kLanes);
  for (; column + kLanes <= p.width; column += kLanes) valueSingle<1, true>(p, block, scores, inverse, column, kLanes);
  if (column < p.width) valueSingle<1, false>(p, block, scores, inverse, column, p.width - column);
}

}  // namespace neurometry::NEUROMETRY_ISA
