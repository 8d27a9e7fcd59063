// The rows on which every column is largest and smallest, of those seen so far. A column has 2 · count places, values in
// `extremes` and rows in `places`: the largest first, then the smallest, best first, ties to the lower row; a place that
// no row took holds −∞ or ∞ and 2^32 − 1. strange[c] = the least row that holds NaN or an infinity, and its bits.
//
// A row is compared with the bars of its columns, what the last of a list asks for, a vector at a time; what passes one
// goes into a heap. One task takes a few neighbouring columns and all rows: lists are the same whatever the order of rows.
#include "kernels/lanes.h"
#include "kernels/ordered-key.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kTaskColumns = 48;  // the bars of 3 AVX-512 vectors stay in registers; 192 columns are 4 tasks
constexpr std::size_t kVectors = kTaskColumns / kLanes;
constexpr std::size_t kSlabRows = 64;
constexpr std::size_t kAhead = 16;  // rows: each may stand on a page of its own
constexpr std::uint32_t kNoRow = 0xffffffffu;

// The best `count` rows of a column by sign · value: a heap of (key, ~row), the least of them first; 0 is a place that
// no row took.
struct List {
  std::uint64_t* entries;
  std::size_t count;
  float sign;
  bool changed;

  [[gnu::always_inline]] std::uint32_t row() const { return ~static_cast<std::uint32_t>(entries[0]); }
  [[gnu::always_inline]] std::uint64_t entry(float value, std::uint32_t row) const {
    return std::uint64_t{orderedKey(sign * value)} << 32 | static_cast<std::uint32_t>(~row);
  }
  [[gnu::always_inline]] float value(std::uint64_t entry) const {
    return sign * valueOfKey(static_cast<std::uint32_t>(entry >> 32)) + 0.0f;  // −0 is 0
  }
};

// What a task works with: its columns, and for each what a value must exceed or stay below to matter.
struct Columns {
  List lists[2][kTaskColumns];  // the largest and the smallest
  float above[kTaskColumns], below[kTaskColumns];
  std::size_t width;
};

// Puts an entry in the place of the first of `count`, and then where it belongs.
void replaceFirst(std::uint64_t* entries, std::size_t count, std::uint64_t entry) {
  std::size_t at = 0;
  for (std::size_t child = 1; child < count; child = 2 * at + 1) {
    if (child + 1 < count) child += entries[child + 1] < entries[child] ? 1 : 0;
    if (entries[child] >= entry) break;
    entries[at] = entries[child];
    at = child;
  }
  entries[at] = entry;
}

// Sorts a heap, the largest first.
void sortHeap(std::uint64_t* entries, std::size_t count) {
  for (std::size_t last = count - 1; last > 0; last--) {
    const std::uint64_t least = entries[0];
    replaceFirst(entries, last, entries[last]);
    entries[last] = least;
  }
}

// A list that is sorted, best first, is a heap the other way round.
void readList(List& list, const float* values, const std::uint32_t* rows) {
  for (std::size_t i = 0; i < list.count; i++) {
    const bool taken = rows[i] != kNoRow;
    list.entries[list.count - 1 - i] = taken ? list.entry(values[i], rows[i]) : 0;
  }
}

void writeList(const List& list, float* values, std::uint32_t* rows) {
  if (!list.changed) return;
  sortHeap(list.entries, list.count);
  for (std::size_t i = 0; i < list.count && list.entries[i] != 0; i++) {
    values[i] = list.value(list.entries[i]);
    rows[i] = ~static_cast<std::uint32_t>(list.entries[i]);
  }
}

// What sign · value must exceed to enter the list with this row or a later one: where rows behind them stand in it,
// what ties with the last one does too.
float barOf(const List& list, std::uint32_t row) {
  const std::uint64_t last = list.entries[0];
  if (last == 0) return -__builtin_inff();
  const auto key = static_cast<std::uint32_t>(last >> 32);
  return valueOfKey(list.row() > row ? key - 1 : key);
}

void offer(List& list, float value, std::uint32_t row) {
  const std::uint64_t entry = list.entry(value, row);
  if (entry <= list.entries[0]) return;
  replaceFirst(list.entries, list.count, entry);
  list.changed = true;
}

void offerLanes(Columns& all, std::size_t first, std::uint32_t lanes, std::uint32_t row, const float* values) {
  for (; lanes != 0; lanes &= lanes - 1) {
    const std::size_t c = first + static_cast<std::size_t>(__builtin_ctz(lanes));
    if (values[c] > all.above[c]) {
      offer(all.lists[0][c], values[c], row);
      all.above[c] = barOf(all.lists[0][c], row);
    }
    if (values[c] < all.below[c]) {
      offer(all.lists[1][c], values[c], row);
      all.below[c] = -barOf(all.lists[1][c], row);
    }
  }
}

// Whether 0 · x has a sum that is 0, which it has where all are finite.
[[gnu::always_inline]] inline bool allFinite(Floats zeros) { return laneBits(zeros != Floats{}) == 0; }

// The rows begin … end − 1; whether all their numbers are finite.
bool scan(Columns& all, const float* x, std::size_t stride, std::size_t begin, std::size_t end, std::size_t firstRow) {
  Floats zeros = {};
  for (std::size_t row = begin; row < end; row++) {
    const float* from = x + row * stride;
    for (std::size_t c = 0; c < kTaskColumns; c += 16) __builtin_prefetch(from + kAhead * stride + c);
    for (std::size_t v = 0; v < kVectors && v * kLanes < all.width; v++) {
      const std::size_t first = v * kLanes;
      const Floats value = loadPart(from + first, smaller(kLanes, all.width - first));
      zeros += value * 0.0f;
      const std::uint32_t lanes = laneBits((value > load(all.above + first)) | (value < load(all.below + first)));
      if (lanes != 0) offerLanes(all, first, lanes, static_cast<std::uint32_t>(firstRow + row), from);
    }
  }
  return allFinite(zeros);
}

// Finds the first number of each column in these rows that is not finite.
void noteStrange(const float* x, std::size_t stride, std::size_t width, std::size_t begin, std::size_t end, std::size_t firstRow,
                 std::uint32_t* strange, std::size_t strangeStride) {
  for (std::size_t row = begin; row < end; row++) {
    for (std::size_t c = 0; c < width; c++) {
      const float value = x[row * stride + c];
      std::uint32_t* known = strange + c * strangeStride;
      if (value * 0.0f == 0.0f || firstRow + row >= known[0]) continue;
      known[0] = static_cast<std::uint32_t>(firstRow + row);
      __builtin_memcpy(known + 1, &value, sizeof(value));
    }
  }
}

}  // namespace

// x [rows × columns], extremes and places [columns × 2 · count], strange [columns × 2]; rows, columns, count, firstRow
const char* extremeRows(const Arguments& arguments, Pool& pool) {
  const std::size_t rows = arguments.size(0), columns = arguments.size(1), count = arguments.size(2);
  const std::size_t firstRow = arguments.size(3), stride = arguments.stride(0);
  if (rows == 0 || count == 0) return nullptr;
  bool failed = false;
  parallel(pool, (columns + kTaskColumns - 1) / kTaskColumns, [&](std::size_t task) {
    const std::size_t left = task * kTaskColumns;
    const float* x = arguments.data<const float>(0) + left;
    auto* entries = static_cast<std::uint64_t*>(threadMemory(2 * kTaskColumns * count * sizeof(std::uint64_t)));
    if (!entries) return __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
    const auto eachList = [&](const auto& body) {
      for (std::size_t c = 0; c < smaller(kTaskColumns, columns - left); c++) {
        float* values = arguments.data<float>(1) + (left + c) * arguments.stride(1);
        std::uint32_t* places = arguments.data<std::uint32_t>(2) + (left + c) * arguments.stride(2);
        for (std::size_t end = 0; end < 2; end++) body(c, end, values + end * count, places + end * count);
      }
    };
    Columns all;
    all.width = smaller(kTaskColumns, columns - left);
    for (std::size_t c = 0; c < kTaskColumns; c++) {
      all.above[c] = __builtin_inff();
      all.below[c] = -__builtin_inff();
    }
    eachList([&](std::size_t c, std::size_t end, const float* values, const std::uint32_t* places) {
      List& list = all.lists[end][c];
      list = {entries + (2 * c + end) * count, count, end == 0 ? 1.0f : -1.0f, false};
      readList(list, values, places);
      const float bar = barOf(list, static_cast<std::uint32_t>(firstRow));
      if (end == 0) all.above[c] = bar;
      else all.below[c] = -bar;
    });
    for (std::size_t begin = 0; begin < rows; begin += kSlabRows) {
      const std::size_t end = smaller(rows, begin + kSlabRows);
      if (scan(all, x, stride, begin, end, firstRow)) continue;
      std::uint32_t* strange = arguments.data<std::uint32_t>(3) + left * arguments.stride(3);
      noteStrange(x, stride, all.width, begin, end, firstRow, strange, arguments.stride(3));
    }
    eachList([&](std::size_t c, std::size_t end, float* values, std::uint32_t* places) { writeList(all.lists[end][c], values, places); });
  });
  return failed ? "out of memory" : nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
