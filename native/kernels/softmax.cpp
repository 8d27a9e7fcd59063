// Softmax of every row: out = e^(scale·x − max) / Σ e^(scale·x − max); in place where x is left out.
//
// Sums of 4,096 exponentials in float32, added in float64. One task per block of rows.
#include "kernels/lanes.h"
#include "kernels/vector-math.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

[[gnu::always_inline]] inline void softmaxRow(const float* x, float* out, std::size_t width, float scale) {
  for (std::size_t c = 0; c < width; c++) out[c] = scale * x[c];
  const float largest = largestOfRow(out, width);
  const double sum = sumLongRow(width, [&](std::size_t c, std::size_t n) {
    const Floats e = exponentialBelow(loadPart(out + c, n, -3e38f) - largest);
    storePart(out + c, e, n);
    return e;
  });
  const auto inverse = static_cast<float>(1 / sum);
  for (std::size_t c = 0; c < width; c++) out[c] *= inverse;
}

}  // namespace

const char* softmax(const Arguments& arguments, Pool& pool) {
  const auto* x = arguments.data<const float>(0);
  auto* out = arguments.data<float>(1);
  const std::size_t rows = arguments.size(0), width = arguments.size(1);
  const float scale = arguments.real(2);

  overRows(pool, rows, width, 1 << 14, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      float* to = out + i * arguments.stride(1);
      softmaxRow(x ? x + i * arguments.stride(0) : to, to, width, scale);
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
