// Every column sorted by descending value, with the rows the values came from.
//
//   sorted[c, 2k] = the row with the k-th largest value of x[c, ·], sorted[c, 2k + 1] = its key;
//   equal values (−0 = +0 included) have equal keys and keep the order of their rows
//   nan[c] = the first row that holds NaN, 0xffffffff where there is none
//
// The key falls as the value grows. One task sorts a few columns: 64-bit key and row, three passes of 11 bits,
// least first, between two buffers that stay in the second cache to about 30,000 rows. `spare` is for the GPU.
#include "kernels/ordered-key.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kTaskValues = 100000;  // memory is worth asking for that many
constexpr std::size_t kBins = 2048;
constexpr std::size_t kShifts[3] = {0, 11, 22};

struct Counts {
  std::uint32_t bins[3][kBins];
};

// Packs key and row, counts all three digits, and returns the first row that holds NaN.
std::uint32_t packColumn(const float* x, std::size_t rows, std::uint64_t* pairs, Counts& counts) {
  __builtin_memset(&counts, 0, sizeof(counts));
  std::uint32_t nan = 0xffffffffu;
  for (std::size_t row = 0; row < rows; row++) {
    const std::uint32_t key = ~orderedKey(x[row]);
    if (x[row] != x[row] && nan == 0xffffffffu) nan = static_cast<std::uint32_t>(row);
    pairs[row] = std::uint64_t{key} << 32 | row;
    counts.bins[0][key & (kBins - 1)]++;
    counts.bins[1][key >> 11 & (kBins - 1)]++;
    counts.bins[2][key >> 22]++;
  }
  return nan;
}

void scatter(const std::uint64_t* from, std::uint64_t* to, std::size_t rows, std::uint32_t* bins, std::size_t shift) {
  std::uint32_t start = 0;
  for (std::size_t bin = 0; bin < kBins; bin++) {
    const std::uint32_t count = bins[bin];
    bins[bin] = start;
    start += count;
  }
  for (std::size_t row = 0; row < rows; row++) {
    const std::uint64_t pair = from[row];
    to[bins[pair >> (32 + shift) & (kBins - 1)]++] = pair;
  }
}

}  // namespace

// x [columns × rows], sorted [columns × 2·rows], spare [columns × 2·rows], nan [columns]; rows, columns
const char* sort(const Arguments& arguments, Pool& pool) {
  const std::size_t rows = arguments.size(0), columns = arguments.size(1);
  if (rows >= 0xffffffffu) return "more than 4,294,967,294 rows";
  std::uint32_t* nan = arguments.data<std::uint32_t>(3);
  bool failed = false;
  const std::size_t perTask = 1 + kTaskValues / (rows + 1);

  parallel(pool, (columns + perTask - 1) / perTask, [&](std::size_t task) {
    const Scratch<std::uint64_t> first(rows), second(rows);
    const Scratch<Counts> counts(1);
    if (!first.data || !second.data || !counts.data) return __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
    const std::size_t end = (task + 1) * perTask < columns ? (task + 1) * perTask : columns;
    for (std::size_t column = task * perTask; column < end; column++) {
      const float* x = arguments.data<const float>(0) + column * arguments.stride(0);
      nan[column] = packColumn(x, rows, first.data, counts[0]);
      scatter(first.data, second.data, rows, counts[0].bins[0], kShifts[0]);
      scatter(second.data, first.data, rows, counts[0].bins[1], kShifts[1]);
      auto* out = reinterpret_cast<std::uint64_t*>(arguments.data<std::uint32_t>(1) + column * arguments.stride(1));
      scatter(first.data, out, rows, counts[0].bins[2], kShifts[2]);
    }
  });
  return failed ? "out of memory" : nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
