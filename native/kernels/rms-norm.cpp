// Root mean square normalisation (Zhang and Sennrich 2019), of x or of x + residual, for every one
// of `segments` pieces of a row (1: the whole row; the number of heads: each head by itself).
//
//   out = x / sqrt(mean(x²) + epsilon) · weight
//
// A row of zeros stays zero. Sums are float32 in 4 · kLanes parts: all terms are positive, so no
// digits cancel. One task per block of rows.
#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

[[gnu::always_inline]] inline void normaliseSegment(const float* x, const float* weight, float* out, std::size_t width, float epsilon) {
  const float squares = sumRow(width, [&](std::size_t c, std::size_t n) {
    const Floats value = loadPart(x + c, n);
    return value * value;
  });
  const float scale = 1.0f / __builtin_sqrtf(squares / static_cast<float>(width) + epsilon);
  for (std::size_t c = 0; c < width; c++) out[c] = x[c] * scale * weight[c];
}

}  // namespace

const char* rmsNorm(const Arguments& arguments, Pool& pool) {
  const auto* x = arguments.data<const float>(0);
  const auto* residual = arguments.data<const float>(1);
  const auto* weight = arguments.data<const float>(2);
  auto* sum = arguments.data<float>(3);
  auto* out = arguments.data<float>(4);
  const std::size_t rows = arguments.size(0), width = arguments.size(1), segments = arguments.size(2);
  const float epsilon = arguments.real(3);
  const std::size_t columns = width * segments;

  overRows(pool, rows, columns, 1 << 15, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      const float* from = x + i * arguments.stride(0);
      float* to = out + i * arguments.stride(4);
      float* total = sum ? sum + i * arguments.stride(3) : to;
      if (residual) {
        const float* other = residual + i * arguments.stride(1);
        for (std::size_t c = 0; c < columns; c++) total[c] = from[c] + other[c];
        from = total;
      } else if (sum) {
        __builtin_memcpy(total, from, columns * sizeof(float));
      }
      for (std::size_t s = 0; s < segments; s++) normaliseSegment(from + s * width, weight, to + s * width, width, epsilon);
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
