// How far every row moved, as a share of its length: ‖after − before‖ / ‖before‖.
//
// Row i of `after` is compared with row index[i] of `before` (i without an index); the result is 0
// where index[i] is 2^32 − 1, where both rows are zero, and the largest float32 where only `before`
// is; NaN where either is no number. Sums of 4,096 squares in float32, added in float64. One task per block of rows.
#include <math.h>

#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::uint32_t kNoRow = 0xffffffffu;
constexpr float kLargest = 3.4028234e38f;

[[gnu::always_inline]] inline float distance(const float* before, const float* after, std::size_t width) {
  const double moved = sumLongRow(width, [&](std::size_t c, std::size_t n) {
    const Floats difference = loadPart(after + c, n) - loadPart(before + c, n);
    return difference * difference;
  });
  if (moved == 0) return 0;
  const double length = sumLongRow(width, [&](std::size_t c, std::size_t n) {
    const Floats value = loadPart(before + c, n);
    return value * value;
  });
  const double share = ::sqrt(moved / length);
  return share > kLargest ? kLargest : static_cast<float>(share);
}

}  // namespace

const char* rowDistance(const Arguments& arguments, Pool& pool) {
  const auto* before = arguments.data<const float>(0);
  const auto* after = arguments.data<const float>(1);
  const auto* index = arguments.data<const std::uint32_t>(2);
  auto* out = arguments.data<float>(3);
  const std::size_t rows = arguments.size(0), width = arguments.size(1), sourceRows = arguments.size(2);
  for (std::size_t i = 0; i < rows; i++) {
    if (index ? index[i] != kNoRow && index[i] >= sourceRows : i >= sourceRows) return "a row number is past the end of the matrix";
  }

  overRows(pool, rows, width, 1 << 15, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      const std::size_t other = index ? index[i] : i;
      const bool none = index && index[i] == kNoRow;
      out[i] = none ? 0.0f : distance(before + other * arguments.stride(0), after + i * arguments.stride(1), width);
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
