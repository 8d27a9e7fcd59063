// The intervention table: changes of parts of a rows × columns matrix, in place and in the table's order.
//
// An entry is eight words: first row, end row, first column, end column, operation, amount a (float32
// bits), and where its vector v starts in `values`, with v's step from one row to the next.
//   0 set: x = a    1 scale: x = a·x    2 add: x = x + a
//   3 replace: x = v    4 accumulate: x = x + a·v    5 project: x = x + a·(x·v)·v
// With 256 added to the operation the columns are columns[first column … end column − 1].
// An entry that reaches past the matrix is refused. Dot products are accumulated in float64. Entries
// run one after the other, each over its rows; large ones in tasks of rows.
#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kWords = 8;
constexpr std::uint32_t kListed = 256;

struct Entry {
  std::uint32_t firstRow, endRow, first, end, operation, amount, offset, step;
};
static_assert(sizeof(Entry) == kWords * sizeof(std::uint32_t));

// `at(k)` is the element that the k-th column of the entry means.
template <typename At>
[[gnu::always_inline]] inline void change(const At& at, std::size_t count, std::uint32_t operation, float amount, const float* v) {
  switch (operation) {
    case 0: for (std::size_t k = 0; k < count; k++) at(k) = amount; return;
    case 1: for (std::size_t k = 0; k < count; k++) at(k) *= amount; return;
    case 2: for (std::size_t k = 0; k < count; k++) at(k) += amount; return;
    case 3: for (std::size_t k = 0; k < count; k++) at(k) = v[k]; return;
    case 4: for (std::size_t k = 0; k < count; k++) at(k) += amount * v[k]; return;
    default: break;
  }
  double dot = 0;
  for (std::size_t k = 0; k < count; k++) dot += static_cast<double>(at(k)) * v[k];
  const auto factor = static_cast<float>(amount * dot);
  for (std::size_t k = 0; k < count; k++) at(k) += factor * v[k];
}

const char* refusal(const Entry& entry, const std::uint32_t* columns, const float* values, std::size_t rows, std::size_t width) {
  const std::uint32_t operation = entry.operation & ~kListed;
  if (operation > 5) return "there is no intervention of that number";
  if (operation > 2 && !values) return "an intervention needs a vector, but there are no values";
  if (entry.firstRow > entry.endRow || entry.endRow > rows) return "an intervention reaches past the last row";
  if (entry.first > entry.end) return "an intervention ends before its first column";
  if (!(entry.operation & kListed)) return entry.end > width ? "an intervention reaches past the last column" : nullptr;
  if (!columns) return "an intervention lists its columns, but there is no list";
  for (std::size_t k = entry.first; k < entry.end; k++) {
    if (columns[k] >= width) return "an intervention reaches past the last column";
  }
  return nullptr;
}

}  // namespace

const char* intervene(const Arguments& arguments, Pool& pool) {
  auto* x = arguments.data<float>(0);
  const auto* entries = arguments.data<const Entry>(1);
  const auto* columns = arguments.data<const std::uint32_t>(2);
  const auto* values = arguments.data<const float>(3);
  const std::size_t rows = arguments.size(0), width = arguments.size(1), count = arguments.size(2);

  for (std::size_t e = 0; e < count; e++) {
    if (const char* refused = refusal(entries[e], columns, values, rows, width)) return refused;
  }
  for (std::size_t e = 0; e < count; e++) {
    const Entry& entry = entries[e];
    const std::size_t wide = entry.end - entry.first;
    float amount;
    __builtin_memcpy(&amount, &entry.amount, sizeof(amount));
    overRows(pool, entry.endRow - entry.firstRow, wide, 1 << 16, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; i++) {
        float* row = x + (entry.firstRow + i) * arguments.stride(0);
        const float* v = values ? values + entry.offset + i * entry.step : nullptr;
        const std::uint32_t operation = entry.operation & ~kListed;
        if (entry.operation & kListed) change([&](std::size_t k) -> float& { return row[columns[entry.first + k]]; }, wide, operation, amount, v);
        else change([&](std::size_t k) -> float& { return row[entry.first + k]; }, wide, operation, amount, v);
      }
    });
  }
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
