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

// Memory that will be read soon, to bring near while a tile is made; `from` is readable even where there is nothing.
struct Ahead {
  const float* from;
  std::size_t lines;
};

[[gnu::always_inline]] inline Ahead ahead(const float* from, std::size_t floats) { return {from, ceilDivide(floats, kLine)}; }
[[gnu::always_inline]] inline Ahead partOf(Ahead whole, std::size_t index, std::size_t parts) {
  const std::size_t first = whole.lines * index / parts;
  return {whole.from + first * kLine, whole.lines * (index + 1) / parts - first};
}

// sums[i][v] += Σ_k a[i·RowStep + k·InnerStep] · b[k·Width + v] for i < Rows and v two vectors wide. Every step asks for a bit
// of what is coming. Not unrolled: a loop that fits the processor's cache of decoded instructions is up to a tenth faster,
// and two steps at a time do not fit sixteen registers.
template <std::size_t Rows, std::size_t RowStep, std::size_t InnerStep, std::size_t Width, bool Prefetch>
[[gnu::always_inline]] inline void addRowProducts(Floats (&sums)[Rows][2], const float* a, const float* b, std::size_t count, Ahead coming) {
  const char* next = reinterpret_cast<const char*>(coming.from);
  const std::size_t stride = Prefetch ? least(ceilDivide(coming.lines * kLine * sizeof(float), count), kLine * sizeof(float)) : 0;
#pragma GCC unroll 1
  for (std::size_t k = 0; k < count; k++) {
    if (Prefetch) __builtin_prefetch(next, 0, 2);
    next += stride;
    const Floats b0 = load(b);
    const Floats b1 = load(b + kLanes);
#pragma GCC unroll 16
    for (std::size_t i = 0; i < Rows; i++) {
      const Floats value = splat(a[i * RowStep]);
      sums[i][0] += value * b0;
      sums[i][1] += value * b1;
    }
    a += InnerStep;
    b += Width;
  }
}

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
    addRowProducts<Rows, RowStep, InnerStep, kPanel, false>(sums, a, b + column, count, {});
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
