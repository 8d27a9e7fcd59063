// Elementwise nonlinearity, with an optional gated partner: out = f(x) · up; in place where x is left out.
//
// Kinds: 0 identity, 1 gelu, 2 gelu-tanh, 3 silu, 4 relu, 5 tanh, 6 sigmoid, 7 x·sigmoid(1.702 x), 8 relu². One task per block of rows.
#include "kernels/lanes.h"
#include "kernels/vector-math.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

struct Matrices {
  const float* x;
  const float* up;
  float* out;
  std::size_t xStride, upStride, outStride;
};

template <typename Function>
[[gnu::always_inline]] inline void applyRows(const Matrices& m, std::size_t begin, std::size_t end, std::size_t width, const Function& function) {
  for (std::size_t i = begin; i < end; i++) {
    float* to = m.out + i * m.outStride;
    const float* from = m.x ? m.x + i * m.xStride : to;
    const float* up = m.up ? m.up + i * m.upStride : nullptr;
    alongRow(width, [&](std::size_t c, std::size_t n) {
      Floats value = function(loadPart(from + c, n));
      if (up) value *= loadPart(up + c, n);
      storePart(to + c, value, n);
    });
  }
}

}  // namespace

const char* activation(const Arguments& arguments, Pool& pool) {
  const Matrices m = {arguments.data<const float>(0), arguments.data<const float>(1), arguments.data<float>(2),
                      arguments.stride(0), arguments.stride(1), arguments.stride(2)};
  const std::size_t rows = arguments.size(0), width = arguments.size(1), kind = arguments.size(2);
  if (kind > 8) return "there is no activation of that number";

  overRows(pool, rows, width, 1 << 15, [&](std::size_t begin, std::size_t end) {
    switch (kind) {
      case 0: return applyRows(m, begin, end, width, [](Floats x) { return x; });
      case 1: return applyRows(m, begin, end, width, [](Floats x) { return geluExact(x); });
      case 2: return applyRows(m, begin, end, width, [](Floats x) { return geluTanh(x); });
      case 3: return applyRows(m, begin, end, width, [](Floats x) { return silu(x); });
      case 4: return applyRows(m, begin, end, width, [](Floats x) { return relu(x); });
      case 5: return applyRows(m, begin, end, width, [](Floats x) { return hyperbolicTangent(x); });
      case 6: return applyRows(m, begin, end, width, [](Floats x) { return sigmoid(x); });
      case 7: return applyRows(m, begin, end, width, [](Floats x) { return x * sigmoid(x * 1.702f); });
      default: return applyRows(m, begin, end, width, [](Floats x) { return relu(x) * relu(x); });
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
