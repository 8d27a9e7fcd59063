// Columns of a block of rows, each gathered into a run of its own:
//
//   out[c, first_row + r] = x[r, first_column + c]
//
// One task takes 16 columns (a cache line of each row) and all rows.
#include "kernels/simd.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kTaskColumns = 16;
constexpr std::size_t kBlockRows = 64;
constexpr std::size_t kAhead = 16;  // rows: each may stand on a page of its own

}  // namespace

// x [rows × width], out [columns × capacity]; rows, columns, firstRow, firstColumn
const char* transpose(const Arguments& arguments, Pool& pool) {
  const std::size_t rows = arguments.size(0), columns = arguments.size(1);
  const float* x = arguments.data<const float>(0) + arguments.size(3);
  float* out = arguments.data<float>(1) + arguments.size(2);
  const std::size_t stride = arguments.stride(0), outStride = arguments.stride(1);

  parallel(pool, (columns + kTaskColumns - 1) / kTaskColumns, [&](std::size_t task) {
    const std::size_t left = task * kTaskColumns;
    const std::size_t width = left + kTaskColumns < columns ? kTaskColumns : columns - left;
    float tile[kTaskColumns][kBlockRows];
    for (std::size_t top = 0; top < rows; top += kBlockRows) {
      const std::size_t height = top + kBlockRows < rows ? kBlockRows : rows - top;
      for (std::size_t r = 0; r < height; r++) {
        const float* from = x + (top + r) * stride + left;
        __builtin_prefetch(from + kAhead * stride);
        for (std::size_t c = 0; c < width; c++) tile[c][r] = from[c];
      }
      for (std::size_t c = 0; c < width; c++) {
        __builtin_memcpy(out + (left + c) * outStride + top, tile[c], height * sizeof(float));
      }
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
