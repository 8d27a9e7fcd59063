// Every row times a number of its own, and a bias: out[i] = scale[i, 0] · out[i] + bias, in place, and scale[i, 1] ·
// rest[index[i]] besides where there is such a matrix.
//
// Operands: scale, rest?, index?, bias?, out. Numbers: rows, width, sourceRows. One task per block of rows. Rows past the
// end are refused.
#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {

const char* scaleRows(const Arguments& arguments, Pool& pool) {
  const auto* scale = arguments.data<const float>(0);
  const auto* rest = arguments.data<const float>(1);
  const auto* index = arguments.data<const std::uint32_t>(2);
  const auto* bias = arguments.data<const float>(3);
  auto* out = arguments.data<float>(4);
  const std::size_t rows = arguments.size(0), width = arguments.size(1);
  if (rest && !inside(index, rows, arguments.size(2))) return "a row number is past the end of the matrix";

  overRows(pool, rows, width, 1 << 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      float* to = out + i * arguments.stride(4);
      const float* own = scale + i * arguments.stride(0);
      const float* other = rest ? rest + index[i] * arguments.stride(1) : nullptr;
      alongRow(width, [&](std::size_t c, std::size_t n) {
        Floats value = own[0] * loadPart(to + c, n);
        if (other) value += own[1] * loadPart(other + c, n);
        storePart(to + c, bias ? value + loadPart(bias + c, n) : value, n);
      });
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
