// Soft cap: out = cap · tanh(x / cap), which stays between −cap and cap; in place where x is left out.
// One task per block of rows.
#include "kernels/lanes.h"
#include "kernels/vector-math.h"

namespace neurometry::NEUROMETRY_ISA {

const char* softCap(const Arguments& arguments, Pool& pool) {
  const auto* x = arguments.data<const float>(0);
  auto* out = arguments.data<float>(1);
  const std::size_t rows = arguments.size(0), width = arguments.size(1);
  const float cap = arguments.real(2);

  overRows(pool, rows, width, 1 << 15, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      float* to = out + i * arguments.stride(1);
      const float* from = x ? x + i * arguments.stride(0) : to;
      alongRow(width, [&](std::size_t c, std::size_t n) { storePart(to + c, hyperbolicTangent(loadPart(from + c, n) / cap) * cap, n); });
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
