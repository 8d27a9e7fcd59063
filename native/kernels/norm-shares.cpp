// The norm of a sum as a sum of norms: with u = basis[index[i, 0]], w = basis[index[i, 1]] and x[i] = u + difference[i]·w,
//
//   norm(x[i]) = shares[i, 0]·norm(u) + shares[i, 1]·norm(w),  shares[i] = (σ(u)/σ(x), difference[i]·σ(w)/σ(x))
//
// σ = √(variance + epsilon) where `centred` is 1, else √(mean square + epsilon). Operands: x, basis, index, difference,
// shares. Numbers: rows, width, sourceRows, epsilon, centred. float32 in two passes, as the norms themselves have it.
// One task per block of rows; rows past the end are refused.
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
  const auto* basis = arguments.data<const float>(1);
  const auto* index = arguments.data<const std::uint32_t>(2);
  const auto* difference = arguments.data<const float>(3);
  auto* shares = arguments.data<float>(4);
  const std::size_t rows = arguments.size(0), width = arguments.size(1), sourceRows = arguments.size(2);
  const float epsilon = arguments.real(3);
  const bool centred = arguments.size(4) == 1;
  for (std::size_t i = 0; i < rows; i++) {
    const std::uint32_t* own = index + i * arguments.stride(2);
    if (own[0] >= sourceRows || own[1] >= sourceRows) return "a row number is past the end of the basis";
  }

  overRows(pool, rows, 3 * width, 1 << 15, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      const std::uint32_t* own = index + i * arguments.stride(2);
      const float scale = 1.0f / spread(x + i * arguments.stride(0), width, epsilon, centred);
      float* to = shares + i * arguments.stride(4);
      to[0] = scale * spread(basis + own[0] * arguments.stride(1), width, epsilon, centred);
      to[1] = scale * difference[i] * spread(basis + own[1] * arguments.stride(1), width, epsilon, centred);
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
