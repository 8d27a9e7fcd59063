// Every row times a number of its own, and a bias: out[i] = scale[i] · out[i] + bias, in place.
//
// Operands: scale, bias?, out. Numbers: rows, width. One task per block of rows.
#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {

const char* scaleRows(const Arguments& arguments, Pool& pool) {
  const auto* scale = arguments.data<const float>(0);
  const auto* bias = arguments.data<const float>(1);
  auto* out = arguments.data<float>(2);
  const std::size_t rows = arguments.size(0), width = arguments.size(1);

  overRows(pool, rows, width, 1 << 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      float* to = out + i * arguments.stride(2);
      const float own = scale[i];
      for (std::size_t c = 0; c < width; c++) to[c] = own * to[c] + (bias ? bias[c] : 0.0f);
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
