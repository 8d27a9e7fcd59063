#pragma once
// The register tile that products are made of: up to kTileRows × 32 sums of a[i, k]·b[k, j], with as many
// accumulators as the instruction set has registers for. Sums are float32: a chain of fused
// multiply-adds over at most kSlab values, whose error is far below that of float32 inputs.
#include "kernels/simd.h"

namespace neurometry::NEUROMETRY_ISA {

[[gnu::always_inline]] inline std::size_t least(std::size_t a, std::size_t b) { return a < b ? a : b; }
[[gnu::always_inline]] inline std::size_t ceilDivide(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

inline constexpr std::size_t kPanel = 32;  // columns of one packed panel of b
inline constexpr std::size_t kSlab = 384;  // values of k that are packed and summed at a time

#if defined(__AVX512F__)
inline constexpr std::size_t kTileRows = 14;
#else
inline constexpr std::size_t kTileRows = 6;
#endif

inline constexpr std::size_t kLine = 16;  // values of a cache line

// Memory that will be read soon, to bring near while a tile is made.
struct Ahead {
  const float* from;
  std::size_t lines;
};

[[gnu::always_inline]] inline Ahead ahead(const float* from, std::size_t floats) { return {from, ceilDivide(floats, kLine)}; }
[[gnu::always_inline]] inline Ahead partOf(Ahead whole, std::size_t index, std::size_t parts) {
  const std::size_t first = whole.lines * index / parts;
  return {whole.from + first * kLine, whole.lines * (index + 1) / parts - first};
}

// tile[i·32 + j] (+)= Σ_k a[i·RowStep + k·InnerStep] · b[k·32 + j] for i < Rows, j < 32, k < count.
template <std::size_t Rows, std::size_t RowStep, std::size_t InnerStep>
void multiplyRows(const float* a, const float* b, std::size_t count, float* tile, bool add, Ahead coming) {
  for (std::size_t column = 0; column < kPanel; column += 2 * kLanes) {
    Floats sums[Rows][2];
#pragma GCC unroll 16
    for (std::size_t i = 0; i < Rows; i++) {
      sums[i][0] = add ? load(tile + i * kPanel + column) : Floats{};
      sums[i][1] = add ? load(tile + i * kPanel + column + kLanes) : Floats{};
    }
    const float* left = a;
    const float* right = b + column;
    const auto step = [&]() __attribute__((always_inline)) {
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
    };
    // Not unrolled: a loop that fits the processor's cache of decoded instructions is up to a tenth faster.
    const std::size_t pairs = least(coming.lines, count / 2);
#pragma GCC unroll 1
    for (std::size_t pair = 0; pair < pairs; pair++) {
      __builtin_prefetch(coming.from, 0, 2);
      coming.from += kLine;
      step();
      step();
    }
    coming.lines -= pairs;
#pragma GCC unroll 1
    for (std::size_t k = 2 * pairs; k < count; k++) step();
#pragma GCC unroll 16
    for (std::size_t i = 0; i < Rows; i++) {
      store(tile + i * kPanel + column, sums[i][0]);
      store(tile + i * kPanel + column + kLanes, sums[i][1]);
    }
  }
}

// The same for a number of rows that is known at run time, 1 … kTileRows.
template <std::size_t RowStep, std::size_t InnerStep>
inline void multiplyTile(std::size_t rows, const float* a, const float* b, std::size_t count, float* tile, bool add, Ahead coming = {nullptr, 0}) {
  using Multiply = void (*)(const float*, const float*, std::size_t, float*, bool, Ahead);
  static constexpr Multiply variants[] = {
      multiplyRows<1, RowStep, InnerStep>,  multiplyRows<2, RowStep, InnerStep>,  multiplyRows<3, RowStep, InnerStep>,
      multiplyRows<4, RowStep, InnerStep>,  multiplyRows<5, RowStep, InnerStep>,  multiplyRows<6, RowStep, InnerStep>,
#if defined(__AVX512F__)
      multiplyRows<7, RowStep, InnerStep>,  multiplyRows<8, RowStep, InnerStep>,  multiplyRows<9, RowStep, InnerStep>,
      multiplyRows<10, RowStep, InnerStep>, multiplyRows<11, RowStep, InnerStep>, multiplyRows<12, RowStep, InnerStep>,
      multiplyRows<13, RowStep, InnerStep>, multiplyRows<14, RowStep, InnerStep>,
#endif
  };
  variants[rows - 1](a, b, count, tile, add, coming);
}

}  // namespace neurometry::NEUROMETRY_ISA
