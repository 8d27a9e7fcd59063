#pragma once
// Vectors whose last lanes are not used, reductions over lanes, and ranges of rows as tasks.
#include "kernels/simd.h"

namespace neurometry::NEUROMETRY_ISA {

[[gnu::always_inline]] inline std::size_t smaller(std::size_t a, std::size_t b) { return a < b ? a : b; }
[[gnu::always_inline]] inline std::size_t larger(std::size_t a, std::size_t b) { return a > b ? a : b; }

// `count` ≤ kLanes values; the other lanes hold `fill`.
[[gnu::always_inline]] inline Floats loadPart(const float* from, std::size_t count, float fill = 0.0f) {
  if (count == kLanes) return load(from);
  const Floats value = loadSome(from, count);
  return fill == 0.0f ? value : (laneNumbers() < static_cast<std::int32_t>(count) ? value : splat(fill));
}
[[gnu::always_inline]] inline void storePart(float* to, Floats value, std::size_t count) {
  if (count == kLanes) return store(to, value);
  storeSome(to, value, count);
}

[[gnu::always_inline]] inline Floats larger(Floats a, Floats b) { return a > b ? a : b; }
[[gnu::always_inline]] inline Floats smaller(Floats a, Floats b) { return a < b ? a : b; }

// The lanes in which a comparison holds, as bits.
[[gnu::always_inline]] inline std::uint32_t laneBits(Integers comparison) {
#if defined(__AVX512F__)
  return _mm512_movepi32_mask(reinterpret_cast<__m512i>(comparison));
#elif defined(__AVX__)
  return static_cast<std::uint32_t>(_mm256_movemask_ps(reinterpret_cast<__m256>(comparison)));
#elif defined(__x86_64__)
  return static_cast<std::uint32_t>(_mm_movemask_ps(reinterpret_cast<__m128>(comparison)));
#else
  std::uint32_t bits = 0;
  for (std::size_t lane = 0; lane < kLanes; lane++) bits |= comparison[lane] != 0 ? 1u << lane : 0u;
  return bits;
#endif
}

// Calls at(column, count) along a row: count is kLanes, and what is left at the end.
template <typename At>
[[gnu::always_inline]] inline void alongRow(std::size_t width, const At& at) {
  std::size_t column = 0;
  for (; column + kLanes <= width; column += kLanes) at(column, kLanes);
  if (column < width) at(column, width - column);
}

// Sum over a row of at(column, count), whose unused lanes must be 0: four vectors of partial sums, so that no chain of additions
// is longer than width / (4 · kLanes) and float32 is as good as pairwise summation.
template <typename At>
[[gnu::always_inline]] inline float sumRow(std::size_t width, const At& at) {
  Floats sum0 = {}, sum1 = {}, sum2 = {}, sum3 = {};
  std::size_t column = 0;
  for (; column + 4 * kLanes <= width; column += 4 * kLanes) {
    sum0 += at(column, kLanes);
    sum1 += at(column + kLanes, kLanes);
    sum2 += at(column + 2 * kLanes, kLanes);
    sum3 += at(column + 3 * kLanes, kLanes);
  }
  for (; column + kLanes <= width; column += kLanes) sum0 += at(column, kLanes);
  if (column < width) sum1 += at(column, width - column);
  return sumLanes((sum0 + sum1) + (sum2 + sum3));
}

// The same for rows of any length: sums of 4,096 elements, added in float64.
template <typename At>
[[gnu::always_inline]] inline double sumLongRow(std::size_t width, const At& at) {
  double sum = 0;
  for (std::size_t first = 0; first < width; first += 4096) {
    sum += sumRow(smaller(4096, width - first), [&](std::size_t column, std::size_t count) { return at(first + column, count); });
  }
  return sum;
}

// The largest value of a row; −3e38 for an empty one.
[[gnu::always_inline]] inline float largestOfRow(const float* row, std::size_t width) {
  Floats largest0 = splat(-3e38f), largest1 = largest0;
  std::size_t column = 0;
  for (; column + 2 * kLanes <= width; column += 2 * kLanes) {
    largest0 = larger(load(row + column), largest0);
    largest1 = larger(load(row + column + kLanes), largest1);
  }
  for (; column < width; column += kLanes) {
    largest0 = larger(loadPart(row + column, smaller(kLanes, width - column), -3e38f), largest0);
  }
  return largestLane(larger(largest0, largest1));
}

// The lowest column that holds `value`, the row's maximum; 0 where comparisons fail (NaN).
[[gnu::always_inline]] inline std::uint32_t firstEqual(const float* row, std::size_t width, float value) {
  for (std::size_t first = 0; first < width; first += 512) {
    const std::size_t count = smaller(512, width - first);
    if (largestOfRow(row + first, count) != value) continue;
    for (std::size_t c = first; c < first + count; c++) {
      if (row[c] == value) return static_cast<std::uint32_t>(c);
    }
  }
  return 0;
}

// The sums over all lanes of four vectors, in lanes 0 … 3: pairs are folded together, so that they share the additions.
[[gnu::always_inline]] inline Floats sumLanesOfFour(Floats a, Floats b, Floats c, Floats d) {
  constexpr auto width = static_cast<std::int32_t>(kLanes);
  const Integers lane = laneNumbers();
  // lane i takes what lies `half` lanes on, of the first vector where bit `half` of i is 0 and else of the second
  const auto fold = [&](Floats x, Floats y, std::int32_t half) {
    const Integers low = (lane & half) ? lane - half + width : lane;
    const Integers high = (lane & half) ? lane + width : lane + half;
    return __builtin_shuffle(x, y, low) + __builtin_shuffle(x, y, high);
  };
  Floats sum = fold(fold(a, b, 1), fold(c, d, 1), 2);
#pragma GCC unroll 4
  for (std::int32_t half = width / 2; half > 2; half /= 2) sum += __builtin_shuffle(sum, lane ^ half);
  return sum;
}

// Transposes a square of kLanes vectors: lane j of vector i and lane i of vector j change places.
[[gnu::always_inline]] inline void transposeSquare(Floats (&rows)[kLanes]) {
#pragma GCC unroll 4
  for (std::int32_t half = kLanes / 2; half > 0; half /= 2) {
    const Integers lane = laneNumbers(), odd = lane & half;
    const Integers left = odd ? lane - half + static_cast<std::int32_t>(kLanes) : lane;
    const Integers right = odd ? lane + static_cast<std::int32_t>(kLanes) : lane + half;
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kLanes; i++) {
      if (i & static_cast<std::size_t>(half)) continue;
      const Floats above = rows[i], below = rows[i + static_cast<std::size_t>(half)];
      rows[i] = __builtin_shuffle(above, below, left);
      rows[i + static_cast<std::size_t>(half)] = __builtin_shuffle(above, below, right);
    }
  }
}

// Calls body(begin, end) over rows 0 … rows − 1, in tasks of about `elements` elements: long enough
// to be worth a thread's waking, and cut by size, never by the number of threads.
template <typename Body>
[[gnu::always_inline]] inline void overRows(Pool& pool, std::size_t rows, std::size_t width, std::size_t elements, const Body& body) {
  if (rows == 0) return;
  const std::size_t piece = larger(1, elements / larger(1, width));
  parallel(pool, (rows + piece - 1) / piece, [&](std::size_t task) { body(task * piece, smaller(rows, (task + 1) * piece)); });
}

// Whether the `count` numbers of an index are rows of a matrix of `rows`.
[[gnu::always_inline]] inline bool inside(const std::uint32_t* index, std::size_t count, std::size_t rows) {
  bool all = index != nullptr || count == 0;
  for (std::size_t i = 0; all && i < count; i++) all = index[i] < rows;
  return all;
}

}  // namespace neurometry::NEUROMETRY_ISA
