// What is linear in the norm of each row: (x − mean) · weight where `centred` is 1, else x · weight.
//
// Operands: x, weight, out. Numbers: rows, width, centred. The mean is float32 in 4 · kLanes parts, as the norms have it.
// One task per block of rows.
#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {

const char* normParts(const Arguments& arguments, Pool& pool) {
  const auto* x = arguments.data<const float>(0);
  const auto* weight = arguments.data<const float>(1);
  auto* out = arguments.data<float>(2);
  const std::size_t rows = arguments.size(0), width = arguments.size(1);
  const bool centred = arguments.size(2) == 1;

  overRows(pool, rows, width, 1 << 15, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      const float* from = x + i * arguments.stride(0);
      float* to = out + i * arguments.stride(2);
      const float sum = centred ? sumRow(width, [&](std::size_t c, std::size_t n) { return loadPart(from + c, n); }) : 0.0f;
      const float mean = sum / static_cast<float>(width);
      for (std::size_t c = 0; c < width; c++) to[c] = (from[c] - mean) * weight[c];
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
