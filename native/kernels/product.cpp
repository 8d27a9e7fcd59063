// out[i, j] = activation(Σ_k a[i, k]·b[k, j] + bias[j]) + residual[i, j]; Σ over nothing is 0.
// Operands: a, b, bias?, residual?, out. Numbers: rows, inner, columns, transposed, layout, activation.
//
// One task makes a block of rows × columns. Blocks follow each other along the rows where the sums are few, so that a
// thread's sums are of rows that it goes on with, and else down the columns, so that a part of b serves all rows. A task
// copies one tile of rows at a time, so that strides that are powers of two do not fight for one cache set, and runs it
// against packed panels of b.
// Each sum runs through k in the same order whatever the number of rows, columns or threads.
#include "kernels/pack.h"
#include "kernels/vector-math.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kBlockRows = 252;  // a whole number of tiles of 14 and of 6
constexpr std::size_t kLeastRows = 84;    // fewer rows do not repay fetching the panels
constexpr std::size_t kBlockPanels = 8;  // 8 panels of a slab are 384 KiB: they stay in the second-level cache
constexpr std::size_t kNear = 1 << 20;  // so many sums are still in the caches of the cores that made them when others read them
constexpr std::size_t kLeftStep = kSlab + 16;
constexpr std::size_t kSmall = 1 << 16;  // fewer multiplications than this are not worth waking a thread
enum Layout { kRowsAreColumns = 0, kColumns = 1, kPacked = 2 };
enum Activation { kNone = 0, kGeluExact = 1, kGeluTanh = 2, kSilu = 3, kRelu = 4 };

struct Product {
  View a, b, bias, residual, out;
  std::size_t rows, inner, columns;
  bool transposed;
  std::size_t layout, activation;
  const float* packed;  // b, or its packed copy; nullptr: each task packs what it needs
  std::size_t panels, blockRows, blockPanels;
};

[[gnu::always_inline]] inline Floats activate(std::size_t activation, Floats x) {
  switch (activation) {
    case kGeluExact: return geluExact(x);
    case kGeluTanh: return geluTanh(x);
    case kSilu: return silu(x);
    case kRelu: return relu(x);
    default: return x;
  }
}

// Writes one tile of sums, `columns` ≤ 32 wide, to rows from `row` and columns from `column` of out.
void finishTile(const Product& p, const float* tile, std::size_t row, std::size_t rows, std::size_t column, std::size_t columns) {
  const float* bias = static_cast<const float*>(p.bias.data);
  const float* residual = static_cast<const float*>(p.residual.data);
  float* out = static_cast<float*>(p.out.data);
  for (std::size_t i = 0; i < rows; i++) {
    for (std::size_t j = 0; j < columns; j += kLanes) {
      const std::size_t count = least(kLanes, columns - j);
      const bool whole = count == kLanes;
      Floats x = load(tile + i * kPanel + j);
      if (bias) x += whole ? load(bias + column + j) : loadSome(bias + column + j, count);
      x = activate(p.activation, x);
      if (residual) {
        const float* from = residual + (row + i) * p.residual.stride + column + j;
        x += whole ? load(from) : loadSome(from, count);
      }
      float* to = out + (row + i) * p.out.stride + column + j;
      if (whole) store(to, x); else storeSome(to, x, count);
    }
  }
}

// A loop of vectors: the processor's own copy takes as long to start as a row of kSlab values takes to be copied.
[[gnu::always_inline]] inline void copyRow(const float* from, std::size_t count, float* to) {
  std::size_t k = 0;
  for (; k + kLanes <= count; k += kLanes) store(to + k, load(from + k));
  if (k < count) storeSome(to + k, loadSome(from + k, count - k), count - k);
}

// left[i·kLeftStep + k] = a[row + i, start + k].
void copyLeft(const Product& p, std::size_t row, std::size_t rows, std::size_t start, std::size_t count, float* left) {
  const float* a = static_cast<const float*>(p.a.data);
  for (std::size_t i = 0; i < rows; i++) {
    float* to = left + i * kLeftStep;
    if (!p.transposed) {
      copyRow(a + (row + i) * p.a.stride + start, count, to);
      continue;
    }
    for (std::size_t k = 0; k < count; k++) to[k] = a[(start + k) * p.a.stride + row + i];
  }
}

// Asks for the lines that finishTile will write and read, so that they are near when the sums are done.
void prefetchOut(const Product& p, std::size_t row, std::size_t rows, std::size_t column) {
  const float* residual = static_cast<const float*>(p.residual.data);
  const float* out = static_cast<const float*>(p.out.data);
  const std::size_t last = least(kPanel, p.columns - column) - 1;
  for (std::size_t i = row; i < row + rows; i++) {
    for (std::size_t j = column; j <= column + last; j += 16) {
      __builtin_prefetch(out + i * p.out.stride + j, 1);
      if (residual) __builtin_prefetch(residual + i * p.residual.stride + j);
    }
    __builtin_prefetch(out + i * p.out.stride + column + last, 1);
  }
}

// The rows of a block are spread over its tiles as evenly as whole rows allow.
[[gnu::always_inline]] inline std::size_t tileStart(std::size_t tile, std::size_t tiles, std::size_t rows) { return tile * rows / tiles; }

void runBlock(const Product& p, std::size_t task) {
  const std::size_t rowBlocks = ceilDivide(p.rows, p.blockRows), panelBlocks = ceilDivide(p.panels, p.blockPanels);
  const bool byRows = p.rows * p.columns <= kNear;
  const std::size_t row = (byRows ? task / panelBlocks : task % rowBlocks) * p.blockRows;
  const std::size_t rows = least(p.blockRows, p.rows - row);
  const std::size_t panel = (byRows ? task % panelBlocks : task / rowBlocks) * p.blockPanels;
  const std::size_t panels = least(p.blockPanels, p.panels - panel);
  const std::size_t tiles = ceilDivide(rows, kTileRows);
  const bool local = p.packed == nullptr;
  const bool oneSlab = p.inner <= kSlab;  // then no tile waits for its other slabs

  float* left = static_cast<float*>(threadMemory(
      (kTileRows * kLeftStep + tiles * panels * kTileRows * kPanel + (local ? panels * kPanel * kSlab : 0)) * sizeof(float)));
  float* sums = left + kTileRows * kLeftStep;
  float* right = sums + tiles * panels * kTileRows * kPanel;
  const Unpacked b = {static_cast<const float*>(p.b.data), p.b.stride, p.inner, p.columns, p.layout == kRowsAreColumns};

  for (std::size_t start = 0; start == 0 || start < p.inner; start += kSlab) {
    const std::size_t count = least(kSlab, p.inner - start);
    const bool last = start + count == p.inner;
    const float* slab = local ? right : p.packed + start * p.panels * kPanel + panel * count * kPanel;
    for (std::size_t q = 0; local && q < panels; q++) packPanel(b, panel + q, start, count, right + q * count * kPanel);
    for (std::size_t t = 0; t < tiles; t++) {
      const std::size_t first = tileStart(t, tiles, rows);
      const std::size_t height = tileStart(t + 1, tiles, rows) - first;
      copyLeft(p, row + first, height, start, count, left);
      for (std::size_t q = 0; q < panels; q++) {
        float* tile = oneSlab ? sums : sums + (t * panels + q) * kTileRows * kPanel;
        const std::size_t column = (panel + q) * kPanel;
        if (last) prefetchOut(p, row + first, height, column);
        multiplyTile<kLeftStep, 1>(height, left, slab + q * count * kPanel, count, tile, start > 0);
        if (last) finishTile(p, tile, row + first, height, column, least(kPanel, p.columns - column));
      }
    }
  }
}

// Blocks as large as the caches like, but at least 16 where there is enough to share out: fewer rows first, as what is
// packed is read again for nothing, then fewer panels. No block is left with the few rows that the others do not take.
void chooseBlocks(Product& p) {
  p.blockRows = least(p.rows, kBlockRows);
  p.blockPanels = ceilDivide(p.panels, ceilDivide(p.panels, kBlockPanels));
  if (p.rows * p.inner * p.columns < kSmall) {
    p.blockPanels = p.panels;
    return;
  }
  const auto tasks = [&] { return ceilDivide(p.rows, p.blockRows) * ceilDivide(p.panels, p.blockPanels); };
  while (p.packed != nullptr && p.blockRows > kLeastRows && tasks() < 16) p.blockRows = ceilDivide(p.blockRows, 2);
  while (p.blockPanels > 1 && tasks() < 16) p.blockPanels = ceilDivide(p.blockPanels, 2);
  p.blockRows = ceilDivide(p.rows, ceilDivide(p.rows, p.blockRows));
}

}  // namespace

const char* product(const Arguments& arguments, Pool& pool) {
  Product p = {arguments.views[0], arguments.views[1], arguments.views[2], arguments.views[3], arguments.views[4],
               arguments.size(0),  arguments.size(1),  arguments.size(2),  arguments.size(3) == 1,
               arguments.size(4),  arguments.size(5),  nullptr,            0, 0, 0};
  if (p.rows == 0 || p.columns == 0) return nullptr;
  p.panels = ceilDivide(p.columns, kPanel);
  const bool packFirst = p.layout != kPacked && p.rows > kBlockRows;
  const Scratch<float> copy(packFirst ? p.inner * p.panels * kPanel : 0);
  if (copy.data == nullptr) return "no memory is left to pack the right operand of a product";
  if (packFirst) packAll(pool, {static_cast<const float*>(p.b.data), p.b.stride, p.inner, p.columns, p.layout == kRowsAreColumns}, copy.data);
  if (p.layout == kPacked) p.packed = static_cast<const float*>(p.b.data);
  if (packFirst) p.packed = copy.data;
  chooseBlocks(p);
  parallel(pool, ceilDivide(p.rows, p.blockRows) * ceilDivide(p.panels, p.blockPanels), [&](std::size_t task) { runBlock(p, task); });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
