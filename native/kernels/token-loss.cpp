// −ln p of each row's target under the softmax of its logits, and the likeliest column.
//
//   loss = ln Σ e^(x − max) + max − x[target];  best = the lowest column that holds the maximum
//
// Both are 0 where the target is 2^32 − 1 (none). The softmax is never stored: two passes over a
// row, sums of 4,096 exponentials in float32, added in float64. One task per block of rows.
#include <math.h>

#include "kernels/lanes.h"
#include "kernels/vector-math.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::uint32_t kNoTarget = 0xffffffffu;

}  // namespace

const char* tokenLoss(const Arguments& arguments, Pool& pool) {
  const auto* logits = arguments.data<const float>(0);
  const auto* targets = arguments.data<const std::uint32_t>(1);
  auto* loss = arguments.data<float>(2);
  auto* best = arguments.data<std::uint32_t>(3);
  const std::size_t rows = arguments.size(0), width = arguments.size(1);
  for (std::size_t i = 0; i < rows; i++) {
    if (targets[i] != kNoTarget && targets[i] >= width) return "a target is past the last column of the logits";
  }

  overRows(pool, rows, width, 1 << 15, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      loss[i] = 0;
      if (best) best[i] = 0;
      if (targets[i] == kNoTarget) continue;
      const float* row = logits + i * arguments.stride(0);
      const float largest = largestOfRow(row, width);
      const double sum = sumLongRow(width, [&](std::size_t c, std::size_t n) { return exponentialBelow(loadPart(row + c, n, -3e38f) - largest); });
      loss[i] = static_cast<float>(::log(sum) + (static_cast<double>(largest) - row[targets[i]]));
      if (best) best[i] = firstEqual(row, width, largest);
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
