// Writes rows to places by number: out[index[i]] = x[i]; a row whose number is 2^32 − 1 is left out.
//
// A number past the end of out is refused; no number stands twice. One task per block of rows.
#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::uint32_t kNoRow = 0xffffffffu;

}  // namespace

const char* scatterRows(const Arguments& arguments, Pool& pool) {
  const auto* x = arguments.data<const float>(0);
  const auto* index = arguments.data<const std::uint32_t>(1);
  auto* out = arguments.data<float>(2);
  const std::size_t rows = arguments.size(0), width = arguments.size(1), targetRows = arguments.size(2);

  bool inside = true;
  for (std::size_t i = 0; i < rows; i++) inside &= index[i] < targetRows || index[i] == kNoRow;
  if (!inside) return "a row number is past the end of the matrix";

  overRows(pool, rows, width, 1 << 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      if (index[i] == kNoRow) continue;
      __builtin_memcpy(out + index[i] * arguments.stride(2), x + i * arguments.stride(0), width * sizeof(float));
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
