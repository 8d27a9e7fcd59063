// Column sums of the rows of every class, added to what stands there:
//
//   sums[class, c] + rests[class, c] += x[row, c]   for every member (row, class)
//
// float32 pairs instead of float64, as a GPU has them too: what an addition loses is exact (Knuth's two-sum) and goes
// into the rest, so that a sum is good to about 2^-45. A value that is not finite leaves NaN.
// One task takes 128 columns and all members, in their order: the result depends on no thread count.
#include "kernels/simd.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kTaskColumns = 128;
constexpr std::size_t kAhead = 8;  // members: each may stand on a page of its own

}  // namespace

// x [rows × columns], members [entries × 2], sums and rests [classes × columns]; rows, columns, entries
const char* classSums(const Arguments& arguments, Pool& pool) {
  const std::size_t columns = arguments.size(1), entries = arguments.size(2);
  const float* x = arguments.data<const float>(0);
  const std::uint32_t* members = arguments.data<const std::uint32_t>(1);
  float* sums = arguments.data<float>(2);
  float* rests = arguments.data<float>(3);
  const std::size_t stride = arguments.stride(0), memberStride = arguments.stride(1);
  const std::size_t sumStride = arguments.stride(2), restStride = arguments.stride(3);

  parallel(pool, (columns + kTaskColumns - 1) / kTaskColumns, [&](std::size_t task) {
    const std::size_t left = task * kTaskColumns;
    const std::size_t right = left + kTaskColumns < columns ? left + kTaskColumns : columns;
    for (std::size_t entry = 0; entry < entries; entry++) {
      const std::uint32_t* member = members + entry * memberStride;
      const float* from = x + member[0] * stride;
      float* sum = sums + member[1] * sumStride;
      float* rest = rests + member[1] * restStride;
      if (entry + kAhead < entries) __builtin_prefetch(x + member[kAhead * memberStride] * stride + left);
      for (std::size_t column = left; column < right; column += kLanes) {
        const std::size_t lanes = column + kLanes <= right ? kLanes : right - column;
        const bool whole = lanes == kLanes;
        const Floats value = whole ? load(from + column) : loadSome(from + column, lanes);
        const Floats before = whole ? load(sum + column) : loadSome(sum + column, lanes);
        const Floats lost = whole ? load(rest + column) : loadSome(rest + column, lanes);
        const Floats after = before + value;
        const Floats added = after - before;
        const Floats error = (before - (after - added)) + (value - added);
        if (whole) {
          store(sum + column, after);
          store(rest + column, lost + error);
        } else {
          storeSome(sum + column, after, lanes);
          storeSome(rest + column, lost + error, lanes);
        }
      }
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
