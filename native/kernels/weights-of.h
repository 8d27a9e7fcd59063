#pragma once
// One row of a product's right operand, however that lies.
#include "kernels/pack.h"

namespace neurometry::NEUROMETRY_ISA {

// inner × columns weights; layout 0: columns × inner, 1: inner × columns, 2: packed (pack.h).
struct Weights {
  const float* data;
  std::size_t stride, inner, columns, layout;
};

// Where b[k, first …] lies: `count` ≤ 32 values from a column that starts a panel; in `copy` where they are not side by side.
[[gnu::always_inline]] inline const float* weightsOf(const Weights& b, std::size_t k, std::size_t first, std::size_t count, float* copy) {
  if (b.layout == 1) return b.data + k * b.stride + first;
  if (b.layout == 2) {
    const std::size_t start = k / kSlab * kSlab, depth = least(kSlab, b.inner - start);
    return b.data + start * ceilDivide(b.columns, kPanel) * kPanel + first * depth + (k - start) * kPanel;
  }
  for (std::size_t j = 0; j < count; j++) copy[j] = b.data[(first + j) * b.stride + k];
  return copy;
}

}  // namespace neurometry::NEUROMETRY_ISA
