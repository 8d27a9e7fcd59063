// Sums of powers of every column, added to what stands there: with d = x[r, c] − shift[c]
//
//   sums[0..1, c] += Σ d,  sums[2..3, c] += Σ d²,  sums[4..5, c] += Σ d³,  sums[6..7, c] += Σ d⁴    (high and low parts)
//   extremes[0, c], extremes[1, c] = the least and the largest x,  counts[0, c] += x < low,  counts[1, c] += x > high
//
// float32 within a slab of 128 rows, pairs of float32 between slabs (Knuth's two-sum): with a shift near the mean the
// variance is right to 1e-6. NaN goes into the sums and is no extreme.
// One task takes 64 columns and all rows: the result depends on no thread count.
#include "kernels/simd.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kTaskColumns = 64;
constexpr std::size_t kSlabRows = 128;
constexpr std::size_t kAhead = 16;  // rows: each may stand on a page of its own

struct Columns {
  const float* x;
  std::size_t stride, rows;
  const float* shift;
  float* sums;
  std::size_t sumStride;
  float* extremes;
  std::size_t extremeStride;
  std::uint32_t* counts;
  std::size_t countStride;
  float low, high;
};

[[gnu::always_inline]] inline Floats loadLanes(const float* from, std::size_t lanes) {
  return lanes == kLanes ? load(from) : loadSome(from, lanes);
}
[[gnu::always_inline]] inline void storeLanes(float* to, Floats value, std::size_t lanes) {
  if (lanes == kLanes) store(to, value);
  else storeSome(to, value, lanes);
}

// (high, low) += value, where nothing below 2^-48 of the sum is lost.
[[gnu::always_inline]] inline void addToPair(Floats& high, Floats& low, Floats value) {
  const Floats sum = high + value, part = sum - high;
  low += (high - (sum - part)) + (value - part);
  high = sum;
}

// All rows of `lanes` neighbouring columns.
[[gnu::always_inline]] inline void sumColumns(const Columns& all, std::size_t column, std::size_t lanes) {
  const Floats shift = loadLanes(all.shift + column, lanes), low = splat(all.low), high = splat(all.high);
  Floats least = loadLanes(all.extremes + column, lanes);
  Floats largest = loadLanes(all.extremes + all.extremeStride + column, lanes);
  Floats sums[8];
  for (std::size_t i = 0; i < 8; i++) sums[i] = loadLanes(all.sums + i * all.sumStride + column, lanes);
  Integers below = {}, above = {};
  for (std::size_t top = 0; top < all.rows; top += kSlabRows) {
    const std::size_t bottom = top + kSlabRows < all.rows ? top + kSlabRows : all.rows;
    Floats first = {}, second = {}, third = {}, fourth = {};
    for (std::size_t row = top; row < bottom; row++) {
      const float* from = all.x + row * all.stride + column;
      __builtin_prefetch(from + kAhead * all.stride);
      const Floats value = loadLanes(from, lanes), d = value - shift, square = d * d;
      first += d;
      second += square;
      third += square * d;
      fourth += square * square;
      least = value < least ? value : least;
      largest = value > largest ? value : largest;
      below -= value < low;
      above -= value > high;
    }
    addToPair(sums[0], sums[1], first);
    addToPair(sums[2], sums[3], second);
    addToPair(sums[4], sums[5], third);
    addToPair(sums[6], sums[7], fourth);
  }
  for (std::size_t i = 0; i < 8; i++) storeLanes(all.sums + i * all.sumStride + column, sums[i], lanes);
  storeLanes(all.extremes + column, least, lanes);
  storeLanes(all.extremes + all.extremeStride + column, largest, lanes);
  for (std::size_t lane = 0; lane < lanes; lane++) {
    all.counts[column + lane] += static_cast<std::uint32_t>(below[lane]);
    all.counts[all.countStride + column + lane] += static_cast<std::uint32_t>(above[lane]);
  }
}

}  // namespace

// x [rows × columns], shift [columns], sums [8 × columns], extremes and counts [2 × columns]; rows, columns, low, high
const char* moments(const Arguments& arguments, Pool& pool) {
  const std::size_t columns = arguments.size(1);
  const Columns all = {
      arguments.data<const float>(0), arguments.stride(0),    arguments.size(0),
      arguments.data<const float>(1), arguments.data<float>(2), arguments.stride(2),
      arguments.data<float>(3),       arguments.stride(3),    arguments.data<std::uint32_t>(4),
      arguments.stride(4),            arguments.real(2),      arguments.real(3),
  };
  parallel(pool, (columns + kTaskColumns - 1) / kTaskColumns, [&](std::size_t task) {
    const std::size_t left = task * kTaskColumns;
    const std::size_t right = left + kTaskColumns < columns ? left + kTaskColumns : columns;
    for (std::size_t column = left; column < right; column += kLanes) {
      sumColumns(all, column, column + kLanes <= right ? kLanes : right - column);
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
