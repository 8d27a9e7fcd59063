#pragma once
// How the right operand of a product lies packed: slabs of kSlab values of k; in each, panels of 32
// columns; in each, k-major rows of 32 values. Columns are padded with zeros to whole panels.
//
//   b[k, j] is at slab·kSlab·padded + panel·32·(values of k in the slab) + (k − slab·kSlab)·32 + j mod 32
#include "kernels/tile.h"

namespace neurometry::NEUROMETRY_ISA {

// A right operand as it was given: b[k, j] is data[j·stride + k] (rows are columns) or data[k·stride + j].
struct Unpacked {
  const float* data;
  std::size_t stride;
  std::size_t inner;
  std::size_t columns;
  bool rowsAreColumns;
};

// to[k·32 + j] = from[j·stride + k] for j < columns ≤ 32 and k < count; eight by eight, so that both sides stay in cache lines.
[[gnu::always_inline]] inline void transposePanel(const float* from, std::size_t stride, std::size_t columns,
                                                  std::size_t count, float* to) {
  std::size_t whole = 0;
#if defined(__AVX__)
  whole = columns / 8 * 8;
  const std::size_t blocks = count / 8 * 8;
  for (std::size_t j = 0; j < whole; j += 8) {
    for (std::size_t k = 0; k < blocks; k += 8) {
      __m256 r[8], s[8];
      for (int i = 0; i < 8; i++) r[i] = _mm256_loadu_ps(from + (j + i) * stride + k);
      for (int i = 0; i < 8; i += 2) {
        s[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
        s[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
      }
      for (int i = 0; i < 8; i += 4) {
        r[i] = _mm256_shuffle_ps(s[i], s[i + 2], 0x44);
        r[i + 1] = _mm256_shuffle_ps(s[i], s[i + 2], 0xee);
        r[i + 2] = _mm256_shuffle_ps(s[i + 1], s[i + 3], 0x44);
        r[i + 3] = _mm256_shuffle_ps(s[i + 1], s[i + 3], 0xee);
      }
      for (int i = 0; i < 4; i++) {
        _mm256_storeu_ps(to + (k + i) * kPanel + j, _mm256_permute2f128_ps(r[i], r[i + 4], 0x20));
        _mm256_storeu_ps(to + (k + i + 4) * kPanel + j, _mm256_permute2f128_ps(r[i], r[i + 4], 0x31));
      }
    }
    for (std::size_t k = blocks; k < count; k++) {
      for (std::size_t i = 0; i < 8; i++) to[k * kPanel + j + i] = from[(j + i) * stride + k];
    }
  }
#endif
  for (std::size_t j = whole; j < columns; j++) {
    for (std::size_t k = 0; k < count; k++) to[k * kPanel + j] = from[j * stride + k];
  }
  if (columns < kPanel) {
    for (std::size_t k = 0; k < count; k++) {
      for (std::size_t j = columns; j < kPanel; j++) to[k * kPanel + j] = 0.0f;
    }
  }
}

// One panel of b, `count` values of k from `start`.
[[gnu::always_inline]] inline void packPanel(const Unpacked& b, std::size_t panel, std::size_t start, std::size_t count, float* to) {
  const std::size_t first = panel * kPanel;
  const std::size_t columns = least(kPanel, b.columns - first);
  if (b.rowsAreColumns) return transposePanel(b.data + first * b.stride + start, b.stride, columns, count, to);
  for (std::size_t k = 0; k < count; k++) {
    const float* from = b.data + (start + k) * b.stride + first;
    for (std::size_t j = 0; j < kPanel; j++) to[k * kPanel + j] = j < columns ? from[j] : 0.0f;
  }
}

// All of b, split among the threads.
[[gnu::always_inline]] inline void packAll(Pool& pool, const Unpacked& b, float* to) {
  const std::size_t panels = ceilDivide(b.columns, kPanel);
  parallel(pool, ceilDivide(b.inner, kSlab) * panels, [&](std::size_t task) {
    const std::size_t start = task / panels * kSlab;
    const std::size_t count = least(kSlab, b.inner - start);
    const std::size_t panel = task % panels;
    packPanel(b, panel, start, count, to + start * panels * kPanel + panel * count * kPanel);
  });
}

}  // namespace neurometry::NEUROMETRY_ISA
