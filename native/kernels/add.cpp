// Scaled sum of two matrices: out = x + scale · y, or out += scale · y where x is left out.
// One task per block of rows.
#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {

const char* add(const Arguments& arguments, Pool& pool) {
  const auto* x = arguments.data<const float>(0);
  const auto* y = arguments.data<const float>(1);
  auto* out = arguments.data<float>(2);
  const std::size_t rows = arguments.size(0), width = arguments.size(1);
  const float scale = arguments.real(2);

  overRows(pool, rows, width, 1 << 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      float* to = out + i * arguments.stride(2);
      const float* from = x ? x + i * arguments.stride(0) : to;
      const float* other = y + i * arguments.stride(1);
      for (std::size_t c = 0; c < width; c++) to[c] = from[c] + scale * other[c];
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
