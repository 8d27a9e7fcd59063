// One step of an exact search for a quantile of every column, by radix: how often each byte follows a prefix.
//
//   counts[c, b] += number of rows r whose key(x[r, c]) starts with the `digit` highest bytes of prefix[c], then b
//
// key grows as the value does (−0 = +0). nan[c] becomes the least row (first_row + r) that holds NaN, if it is
// less than what stands there (only where digit = 0). One task takes 16 columns, whose counts fit the first cache.
#include "kernels/ordered-key.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kTaskColumns = 16;
constexpr std::size_t kBytes = 256;
constexpr std::size_t kAhead = 16;  // rows: each may stand on a page of its own

}  // namespace

// x [rows × columns], prefix [columns], counts [columns × 256], nan [columns]; rows, columns, firstRow; digit
const char* quantiles(const Arguments& arguments, Pool& pool) {
  const float* x = arguments.data<const float>(0);
  const std::size_t stride = arguments.stride(0);
  const std::uint32_t* prefix = arguments.data<const std::uint32_t>(1);
  std::uint32_t* counts = arguments.data<std::uint32_t>(2);
  const std::size_t countsStride = arguments.stride(2);
  std::uint32_t* nan = arguments.data<std::uint32_t>(3);
  const std::size_t rows = arguments.size(0), columns = arguments.size(1), firstRow = arguments.size(2);
  const std::size_t digit = arguments.size(3);
  const std::size_t shift = 24 - 8 * digit;

  parallel(pool, (columns + kTaskColumns - 1) / kTaskColumns, [&](std::size_t task) {
    const std::size_t left = task * kTaskColumns;
    const std::size_t width = left + kTaskColumns < columns ? kTaskColumns : columns - left;
    std::uint64_t known[kTaskColumns];
    for (std::size_t c = 0; c < width; c++) known[c] = std::uint64_t{prefix[left + c]} >> (shift + 8);
    for (std::size_t row = 0; row < rows; row++) {
      const float* from = x + row * stride + left;
      __builtin_prefetch(from + kAhead * stride);
      for (std::size_t c = 0; c < width; c++) {
        const std::uint32_t key = orderedKey(from[c]);
        const bool counted = digit == 0 || std::uint64_t{key} >> (shift + 8) == known[c];
        counts[(left + c) * countsStride + ((key >> shift) & (kBytes - 1))] += counted ? 1 : 0;
        if (digit == 0 && from[c] != from[c] && firstRow + row < nan[left + c]) {
          nan[left + c] = static_cast<std::uint32_t>(firstRow + row);
        }
      }
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
