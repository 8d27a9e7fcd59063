// Layer normalisation of every row (Ba, Kiros and Hinton 2016), of x or of x + residual.
//
//   out = (x − mean) / sqrt(variance + epsilon) · weight + bias,  variance with divisor width
//
// A constant row gives bias. float32 in two passes, which is what keeps it exact to a few ulp: the
// mean first, then the squares of the differences, each in 4 · kLanes partial sums.
// One task per block of rows.
#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

struct Row {
  const float* x;
  const float* residual;
  const float* weight;
  const float* bias;
  float* sum;
  float* out;
};

// The row as it is normalised, left in `to`.
[[gnu::always_inline]] inline void addRow(const Row& row, std::size_t width, float* to) {
  for (std::size_t c = 0; c < width; c++) to[c] = row.x[c] + row.residual[c];
}

[[gnu::always_inline]] inline void normaliseRow(const Row& row, const float* x, std::size_t width, float epsilon) {
  const float mean = sumRow(width, [&](std::size_t c, std::size_t n) { return loadPart(x + c, n); }) / static_cast<float>(width);
  const float squares = sumRow(width, [&](std::size_t c, std::size_t n) {
    const Floats difference = loadPart(x + c, n, mean) - mean;
    return difference * difference;
  });
  const float scale = 1.0f / __builtin_sqrtf(squares / static_cast<float>(width) + epsilon);
  alongRow(width, [&](std::size_t c, std::size_t n) {
    const Floats bias = row.bias ? loadPart(row.bias + c, n) : Floats{};
    storePart(row.out + c, (loadPart(x + c, n) - mean) * scale * loadPart(row.weight + c, n) + bias, n);
  });
}

}  // namespace

const char* layerNorm(const Arguments& arguments, Pool& pool) {
  const auto* x = arguments.data<const float>(0);
  const auto* residual = arguments.data<const float>(1);
  const auto* weight = arguments.data<const float>(2);
  const auto* bias = arguments.data<const float>(3);
  auto* sum = arguments.data<float>(4);
  auto* out = arguments.data<float>(5);
  const std::size_t rows = arguments.size(0), width = arguments.size(1);
  const float epsilon = arguments.real(2);

  overRows(pool, rows, width, 1 << 15, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      const Row row = {x + i * arguments.stride(0), residual ? residual + i * arguments.stride(1) : nullptr, weight, bias,
                       sum ? sum + i * arguments.stride(4) : nullptr, out + i * arguments.stride(5)};
      const float* from = row.x;
      if (row.residual) {
        addRow(row, width, row.sum ? row.sum : row.out);
        from = row.sum ? row.sum : row.out;
      } else if (row.sum) {
        __builtin_memcpy(row.sum, row.x, width * sizeof(float));
      }
      normaliseRow(row, from, width, epsilon);
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
