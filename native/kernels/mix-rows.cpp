// Weighted sums of two rows each: out[i] = shares[i, 0]·x[index[i, 0]] + shares[i, 1]·x[index[i, 1]] + bias, and
// shares[i, 2]·rest[index[i, 0]] besides where there is such a matrix.
//
// Operands: x, index, shares, rest?, bias?, out. Numbers: rows, width, sourceRows. One task makes a block of rows and
// columns, so that rows of x that many sums share stay in the second-level cache. Rows past the end are refused.
#include "kernels/mixed-row.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kColumns = 2048;
constexpr std::size_t kRows = 64;

}  // namespace

const char* mixRows(const Arguments& arguments, Pool& pool) {
  const View& x = arguments.views[0];
  const View& index = arguments.views[1];
  const View& shares = arguments.views[2];
  const auto* rest = arguments.data<const float>(3);
  const auto* bias = arguments.data<const float>(4);
  auto* out = arguments.data<float>(5);
  const std::size_t rows = arguments.size(0), width = arguments.size(1);
  if (!mixesRowsBelow(index, rows, arguments.size(2))) return "a row number is past the end of the matrix";

  const std::size_t across = (width + kColumns - 1) / kColumns, down = (rows + kRows - 1) / kRows;
  if (across * down == 0) return nullptr;
  parallel(pool, across * down, [&](std::size_t task) {
    const std::size_t first = task % across * kColumns, count = smaller(kColumns, width - first);
    const std::size_t begin = task / across * kRows, end = smaller(rows, begin + kRows);
    for (std::size_t i = begin; i < end; i++) {
      const MixedRow row = mixedRow(x, index, shares, bias, i, first);
      const float share = rest ? arguments.data<const float>(2)[i * shares.stride + 2] : 0.0f;
      const float* three = rest ? rest + arguments.data<const std::uint32_t>(1)[i * index.stride] * arguments.stride(3) + first : nullptr;
      float* to = out + i * arguments.stride(5) + first;
      alongRow(count, [&](std::size_t c, std::size_t n) {
        const Floats value = row.at(c, n);
        storePart(to + c, three ? value + share * loadPart(three + c, n) : value, n);
      });
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
