// What the norm of a weighted sum of rows has of each of them: shares[i, t] = before[i, t] / σ(x[i]), x[i] being the sum, and
// `before` its first `weights` weights; all others are 1.
//
// σ = √(variance + epsilon) where `centred` is 1, else √(mean square + epsilon). Operands: x, before?, shares. Numbers: rows,
// width, terms, weights, epsilon, centred. float32 in two passes, as the norms themselves have it. One task per block of rows.
#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

[[gnu::always_inline]] inline float spread(const float* row, std::size_t width, float epsilon, bool centred) {
  const auto count = static_cast<float>(width);
  const float mean = centred ? sumRow(width, [&](std::size_t c, std::size_t n) { return loadPart(row + c, n); }) / count : 0.0f;
  const float squares = sumRow(width, [&](std::size_t c, std::size_t n) {
    const Floats difference = loadPart(row + c, n, mean) - mean;
    return difference * difference;
  });
  return __builtin_sqrtf(squares / count + epsilon);
}

}  // namespace

const char* normShares(const Arguments& arguments, Pool& pool) {
  const auto* x = arguments.data<const float>(0);
  const auto* before = arguments.data<const float>(1);
  auto* shares = arguments.data<float>(2);
  const std::size_t rows = arguments.size(0), width = arguments.size(1), terms = arguments.size(2), weights = arguments.size(3);
  const float epsilon = arguments.real(4);
  const bool centred = arguments.size(5) == 1;

  overRows(pool, rows, width, 1 << 15, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      const float scale = 1.0f / spread(x + i * arguments.stride(0), width, epsilon, centred);
      for (std::size_t t = 0; t < terms; t++) {
        shares[i * arguments.stride(2) + t] = t < weights ? scale * before[i * arguments.stride(1) + t] : scale;
      }
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
