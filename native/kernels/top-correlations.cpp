// For every column of x the `count` columns of y with the largest |r| (option signed: r), best first, ties to the lower
// column; r[i, j] = Σ_t z[t, i]·w[t, j], z = (x − centre)·scale and w likewise. Without y it is x, without the column
// itself, and a sum feeds the lists of both its columns. Places that no column takes hold 2^32 − 1 and 0.
// Operands: x, y?, centre, scale, otherCentre?, otherScale?, indices, values. Numbers: rows, columns, others, count,
// splits (always 1 here), symmetric, signed.
//
// One task makes a block of sums over all rows, float32 over 192 rows and float64 between, and then offers what passes
// a list's bar. A list is the same whatever the order of offers: they are compared by r and column.
#include "kernels/pack.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kRows = 192;
constexpr std::size_t kBlockTiles = kTileRows == 14 ? 18 : 42;  // 252 rows
constexpr std::size_t kBlockPanels = 8;
constexpr std::uint32_t kNobody = 0xffffffffu;

struct Side {
  const float* data;
  std::size_t stride;
  const float* centre;
  const float* scale;
  std::size_t columns;
};

// The lists in the making: `bar` is the key that a full list asks for, −1 or less until then.
struct Lists {
  std::uint32_t* indices;
  float* values;
  std::size_t count;
  float* bar;
  std::uint8_t* locks;
  bool isSigned;

  [[gnu::always_inline]] float key(float r) const { return isSigned ? r : __builtin_fabsf(r); }
};

struct Search {
  Side x, y;
  bool symmetric;
  std::size_t rows;
  Lists lists;
  std::size_t tiles, panels, blockTiles, blockPanels;
};

void offer(const Lists& lists, std::size_t list, std::uint32_t column, float r) {
  while (__atomic_test_and_set(lists.locks + list, __ATOMIC_ACQUIRE)) {
  }
  std::uint32_t* indices = lists.indices + list * lists.count;
  float* values = lists.values + list * lists.count;
  const float key = lists.key(r);
  const auto worse = [&](std::size_t at) {
    if (indices[at] == kNobody) return true;
    const float own = lists.key(values[at]);
    return own < key || (own == key && indices[at] > column);
  };
  std::size_t at = lists.count;
  for (; at > 0 && worse(at - 1); at--) {
    if (at == lists.count) continue;
    indices[at] = indices[at - 1];
    values[at] = values[at - 1];
  }
  if (at < lists.count) {
    indices[at] = column;
    values[at] = r;
    const std::size_t last = lists.count - 1;
    if (indices[last] != kNobody) __atomic_store_n(reinterpret_cast<std::int32_t*>(lists.bar + list), __builtin_bit_cast(std::int32_t, lists.key(values[last])), __ATOMIC_RELAXED);
  }
  __atomic_clear(lists.locks + list, __ATOMIC_RELEASE);
}

[[gnu::always_inline]] inline float barOf(const Lists& lists, std::size_t list) {
  return __builtin_bit_cast(float, __atomic_load_n(reinterpret_cast<const std::int32_t*>(lists.bar + list), __ATOMIC_RELAXED));
}

// to[k·width + j] = z of column first + j and row start + k; zeros behind the last column.
void packColumns(const Side& side, std::size_t first, std::size_t width, std::size_t start, std::size_t count, float* to) {
  const std::size_t here = least(width, side.columns - first);
  for (std::size_t k = 0; k < count; k++, to += width) {
    const float* from = side.data + (start + k) * side.stride + first;
    std::size_t j = 0;
    for (; j + kLanes <= here; j += kLanes) {
      store(to + j, (load(from + j) - load(side.centre + first + j)) * load(side.scale + first + j));
    }
    for (; j < here; j++) to[j] = (from[j] - side.centre[first + j]) * side.scale[first + j];
    for (; j < width; j++) to[j] = 0.0f;
  }
}

// Offers the r of one column of x to its list, and to the lists of the other columns where they are x's too.
void offerRow(const Search& s, std::size_t i, std::size_t first, std::size_t width, const double* sums) {
  for (std::size_t j = 0; j < width; j++) {
    const std::size_t column = first + j;
    if (s.symmetric && column <= i) continue;
    const double sum = sums[j] > 1 ? 1 : sums[j] < -1 ? -1 : sums[j];
    const float r = static_cast<float>(sum);
    const float key = s.lists.key(r);
    if (key >= barOf(s.lists, i)) offer(s.lists, i, static_cast<std::uint32_t>(column), r);
    if (s.symmetric && key >= barOf(s.lists, column)) offer(s.lists, column, static_cast<std::uint32_t>(i), r);
  }
}

void searchBlock(const Search& s, std::size_t task) {
  const std::size_t down = ceilDivide(s.tiles, s.blockTiles);
  const std::size_t firstTile = task % down * s.blockTiles, tiles = least(s.blockTiles, s.tiles - firstTile);
  const std::size_t firstPanel = task / down * s.blockPanels, panels = least(s.blockPanels, s.panels - firstPanel);
  const std::size_t row = firstTile * kTileRows, column = firstPanel * kPanel, width = panels * kPanel;
  const std::size_t lastColumn = least(s.y.columns, column + width);
  if (s.symmetric && lastColumn <= row + 1) return;
  double* sums = static_cast<double*>(threadMemory(tiles * kTileRows * width * sizeof(double) + (tiles * kTileRows + width) * kRows * sizeof(float)));
  float* left = reinterpret_cast<float*>(sums + tiles * kTileRows * width);
  float* right = left + tiles * kTileRows * kRows;
  for (std::size_t at = 0; at < tiles * kTileRows * width; at++) sums[at] = 0;
  alignas(64) float tile[kTileRows * kPanel];
  for (std::size_t start = 0; start < s.rows; start += kRows) {
    const std::size_t count = least(kRows, s.rows - start);
    for (std::size_t t = 0; t < tiles; t++) packColumns(s.x, row + t * kTileRows, kTileRows, start, count, left + t * kTileRows * count);
    for (std::size_t p = 0; p < panels; p++) packColumns(s.y, column + p * kPanel, kPanel, start, count, right + p * kPanel * count);
    for (std::size_t t = 0; t < tiles; t++) {
      const std::size_t top = row + t * kTileRows;
      for (std::size_t p = 0; p < panels; p++) {
        if (s.symmetric && column + (p + 1) * kPanel <= top + 1) continue;
        multiplyTile<1, kTileRows>(kTileRows, left + t * kTileRows * count, right + p * kPanel * count, count, tile, false);
        for (std::size_t i = 0; i < kTileRows; i++) {
          double* to = sums + (t * kTileRows + i) * width + p * kPanel;
          for (std::size_t j = 0; j < kPanel; j += kLanes) {
            const Floats value = load(tile + i * kPanel + j);
            store(to + j, load(to + j) + widenLow(value));
            store(to + j + kLanes / 2, load(to + j + kLanes / 2) + widenHigh(value));
          }
        }
      }
    }
  }
  for (std::size_t i = row; i < least(s.x.columns, row + tiles * kTileRows); i++) {
    offerRow(s, i, column, lastColumn - column, sums + (i - row) * width);
  }
}

}  // namespace

const char* topCorrelations(const Arguments& arguments, Pool& pool) {
  Search s = {};
  s.rows = arguments.size(0);
  s.symmetric = arguments.size(5) == 1;
  s.x = {arguments.data<float>(0), arguments.stride(0), arguments.data<float>(2), arguments.data<float>(3), arguments.size(1)};
  s.y = {arguments.data<float>(1), arguments.stride(1), arguments.data<float>(4), arguments.data<float>(5), arguments.size(2)};
  if (s.symmetric) s.y = s.x;
  const std::size_t places = s.x.columns * arguments.size(3);
  if (places == 0) return nullptr;
  const Scratch<float> bars(s.x.columns);
  const Scratch<std::uint8_t> locks(s.x.columns);
  if (bars.data == nullptr || locks.data == nullptr) return "no memory is left for the lists' bars";
  s.lists = {arguments.data<std::uint32_t>(6), arguments.data<float>(7), arguments.size(3), bars.data, locks.data, arguments.size(6) == 1};
  for (std::size_t at = 0; at < places; at++) {
    s.lists.indices[at] = kNobody;
    s.lists.values[at] = 0.0f;
  }
  for (std::size_t i = 0; i < s.x.columns; i++) {
    bars[i] = -2.0f;
    locks[i] = 0;
  }
  s.tiles = ceilDivide(s.x.columns, kTileRows);
  s.panels = ceilDivide(s.y.columns, kPanel);
  s.blockTiles = kBlockTiles;
  s.blockPanels = kBlockPanels;
  while (s.blockPanels > 1 && ceilDivide(s.tiles, s.blockTiles) * ceilDivide(s.panels, s.blockPanels) < 32) {
    s.blockPanels /= 2;
    s.blockTiles = (s.blockTiles + 1) / 2;
  }
  parallel(pool, ceilDivide(s.tiles, s.blockTiles) * ceilDivide(s.panels, s.blockPanels), [&](std::size_t task) { searchBlock(s, task); });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
