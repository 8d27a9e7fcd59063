// What some inputs of a product write to its outputs: out[i, j] = b[index[i], j].
//
// Operands: b, index, out. Numbers: rows, inner, columns, layout of b (weights-of.h). Inputs past the end are refused.
#include "kernels/lanes.h"
#include "kernels/weights-of.h"

namespace neurometry::NEUROMETRY_ISA {

const char* weightRows(const Arguments& arguments, Pool& pool) {
  const auto* index = arguments.data<const std::uint32_t>(1);
  auto* out = arguments.data<float>(2);
  const std::size_t rows = arguments.size(0), inner = arguments.size(1), columns = arguments.size(2);
  const Weights b = {arguments.data<const float>(0), arguments.stride(0), inner, columns, arguments.size(3)};
  for (std::size_t i = 0; i < rows; i++) {
    if (index[i] >= inner) return "an input is past the end of the weights";
  }

  overRows(pool, rows, columns, 1 << 15, [&](std::size_t begin, std::size_t end) {
    float copy[kPanel];
    for (std::size_t i = begin; i < end; i++) {
      for (std::size_t first = 0; first < columns; first += kPanel) {
        const std::size_t count = least(kPanel, columns - first);
        const float* from = weightsOf(b, index[i], first, count, copy);
        __builtin_memcpy(out + i * arguments.stride(2) + first, from, count * sizeof(float));
      }
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
