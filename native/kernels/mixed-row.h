#pragma once
// A row that is a weighted sum of two rows and of what is the same for all, column by column.
#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {

struct MixedRow {
  const float* one;
  const float* two;
  const float* bias;  // nullptr: none
  float shareOfOne, shareOfTwo;

  // Columns column … column + count − 1.
  [[gnu::always_inline]] Floats at(std::size_t column, std::size_t count) const {
    const Floats start = bias ? loadPart(bias + column, count) : Floats{};
    return start + shareOfOne * loadPart(one + column, count) + shareOfTwo * loadPart(two + column, count);
  }
};

// The operands x, index and shares of a kernel, and the bias, all from column `first` on.
[[gnu::always_inline]] inline MixedRow mixedRow(const View& x, const View& index, const View& shares, const float* bias, std::size_t row, std::size_t first) {
  const std::uint32_t* own = static_cast<const std::uint32_t*>(index.data) + row * index.stride;
  const float* share = static_cast<const float*>(shares.data) + row * shares.stride;
  const float* from = static_cast<const float*>(x.data) + first;
  return {from + own[0] * x.stride, from + own[1] * x.stride, bias ? bias + first : nullptr, share[0], share[1]};
}

// Whether all numbers of rows are below `sourceRows`.
[[gnu::always_inline]] inline bool mixesRowsBelow(const View& index, std::size_t rows, std::size_t sourceRows) {
  for (std::size_t i = 0; i < rows; i++) {
    if (!inside(static_cast<const std::uint32_t*>(index.data) + i * index.stride, 2, sourceRows)) return false;
  }
  return true;
}

}  // namespace neurometry::NEUROMETRY_ISA
