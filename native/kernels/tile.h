#pragma once
// The register tile that products are made of: up to kTileRows × 32 sums of a[i, k]·b[k, j], with as many
// accumulators as the instruction set has registers for. Sums are float32: a chain of fused
// multiply-adds over at most kSlab values, whose error is far below that of float32 inputs.
#include "kernels/simd.h"

namespace neurometry::NEUROMETRY_ISA {

inline constexpr std::size_t kPanel = 32;  // columns of one packed panel of b
inline constexpr std::size_t kSlab = 384;  // values of k that are packed and summed at a time

#if defined(__AVX512F__)
inline constexpr std::size_t kTileRows = 14;
#else
inline constexpr std::size_t kTileRows = 6;
#endif

// tile[i·32 + j] (+)= Σ_k a[i·RowStep + k·InnerStep] · b[k·32 + j] for i < Rows, j < 32, k < count.
template <std::size_t Rows, std::size_t RowStep, std::size_t InnerStep>
void multiplyRows(const float* a, const float* b, std::size_t count, float* tile, bool add) {
  for (std::size_t column = 0; column < kPanel; column += 2 * kLanes) {
    Floats sums[Rows][2];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < Rows; i++) {
      sums[i][0] = add ? load(tile + i * kPanel + column) : Floats{};
      sums[i][1] = add ? load(tile + i * kPanel + column + kLanes) : Floats{};
    }
    const float* left = a;
    const float* right = b + column;
#pragma GCC unroll 4
    for (std::size_t k = 0; k < count; k++) {
      const Floats b0 = load(right);
      const Floats b1 = load(right + kLanes);
#pragma GCC unroll 16
      for (std::size_t i = 0; i < Rows; i++) {
        const Floats value = splat(left[i * RowStep]);
        sums[i][0] += value * b0;
        sums[i][1] += value * b1;
      }
      left += InnerStep;
      right += kPanel;
    }
#pragma GCC unroll 16
    for (std::size_t i = 0; i < Rows; i++) {
      store(tile + i * kPanel + column, sums[i][0]);
      store(tile + i * kPanel + column + kLanes, sums[i][1]);
    }
  }
}

// The same for a number of rows that is known at run time, 1 … kTileRows.
template <std::size_t RowStep, std::size_t InnerStep>
inline void multiplyTile(std::size_t rows, const float* a, const float* b, std::size_t count, float* tile, bool add) {
  using Multiply = void (*)(const float*, const float*, std::size_t, float*, bool);
  static constexpr Multiply variants[] = {
      multiplyRows<1, RowStep, InnerStep>,  multiplyRows<2, RowStep, InnerStep>,  multiplyRows<3, RowStep, InnerStep>,
      multiplyRows<4, RowStep, InnerStep>,  multiplyRows<5, RowStep, InnerStep>,  multiplyRows<6, RowStep, InnerStep>,
#if defined(__AVX512F__)
      multiplyRows<7, RowStep, InnerStep>,  multiplyRows<8, RowStep, InnerStep>,  multiplyRows<9, RowStep, InnerStep>,
      multiplyRows<10, RowStep, InnerStep>, multiplyRows<11, RowStep, InnerStep>, multiplyRows<12, RowStep, InnerStep>,
      multiplyRows<13, RowStep, InnerStep>, multiplyRows<14, RowStep, InnerStep>,
#endif
  };
  variants[rows - 1](a, b, count, tile, add);
}

}  // namespace neurometry::NEUROMETRY_ISA
