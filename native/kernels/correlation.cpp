// Pearson's r of every pair of columns, of sums of products around any shift:
//
//   r[i, j] = (sums[i, j] − sum[i]·mean[j])·scale[i]·scale[j], cut to [−1, 1]
//
// `moments` has three rows: Σ d, its mean, and 1/√Σ(d − mean)² or 0 where a column is constant. With option symmetric there
// are no others, sums are read where j ≥ i, r is mirrored, and r[i, i] is 1, or 0 where constant.
// Operands: sums, moments, otherMoments?, r. Numbers: columns, others, symmetric. One task per band of 32 rows.
#include "kernels/tile.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kSide = 32;

struct Correlations {
  const double* sums;
  std::size_t sumsStride;
  const double* own;
  std::size_t ownStride;
  const double* others;
  std::size_t othersStride;
  float* r;
  std::size_t stride, columns, width;
  bool symmetric;
};

// kSide × kSide values of r from row `top` and column `first`, and their mirror image.
void correlateBlock(const Correlations& c, std::size_t top, std::size_t first) {
  const std::size_t rows = least(kSide, c.columns - top), count = least(kSide, c.width - first);
  const double* const means = c.others + c.othersStride + first;
  const double* const scales = c.others + 2 * c.othersStride + first;
  float tile[kSide][kSide];
  for (std::size_t i = 0; i < rows; i++) {
    const std::size_t from = c.symmetric && first == top ? i : 0;
    const double* const sums = c.sums + (top + i) * c.sumsStride + first;
    const double sum = c.own[top + i], scale = c.own[2 * c.ownStride + top + i];
    float* const to = c.r + (top + i) * c.stride + first;
    for (std::size_t j = from; j < count; j++) {
      const double r = (sums[j] - sum * means[j]) * scale * scales[j];
      to[j] = tile[i][j] = static_cast<float>(r > 1 ? 1 : r < -1 ? -1 : r);
    }
    if (c.symmetric && first == top) to[i] = tile[i][i] = scale > 0 ? 1.0f : 0.0f;
  }
  for (std::size_t j = 0; c.symmetric && j < count; j++) {
    float* const to = c.r + (first + j) * c.stride + top;
    for (std::size_t i = 0; i < (first == top ? j : rows); i++) to[i] = tile[i][j];
  }
}

}  // namespace

const char* correlation(const Arguments& arguments, Pool& pool) {
  const bool symmetric = arguments.size(2) == 1;
  const std::size_t other = symmetric ? 1 : 2;
  const Correlations c = {arguments.data<const double>(0), arguments.stride(0) / 2, arguments.data<const double>(1), arguments.stride(1) / 2,
                          arguments.data<const double>(other), arguments.stride(other) / 2, arguments.data<float>(3), arguments.stride(3),
                          arguments.size(0), arguments.size(1), symmetric};
  parallel(pool, ceilDivide(c.columns, kSide), [&](std::size_t band) {
    for (std::size_t first = symmetric ? band * kSide : 0; first < c.width; first += kSide) correlateBlock(c, band * kSide, first);
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
