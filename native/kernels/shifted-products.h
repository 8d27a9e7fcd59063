#pragma once
// Sums of products of shifted columns, float32 over `chain` rows and float64 between, for any number of rows:
//
//   sums[i, j] += Σ_t (x[t, i] − shift[i])·(y[t, j] − otherShift[j])
//
// A few slabs at a time are packed for all columns in the two formats that the tile reads; then one task
// makes a block of sums over all of them, so that the float64 sums stay in the second-level cache.
#include "kernels/shifted-pack.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kPackedBytes = std::size_t{96} << 20;
constexpr std::size_t kSlabs = 4;  // packed at a time
constexpr std::size_t kLeastBlocks = 64;
constexpr std::size_t kLeastRows = 64;
constexpr std::size_t kBlockTiles = 252 / kTileRows;
constexpr std::size_t kBlockPanels = 4;  // with two slabs of them and 252 rows of sums 700 KiB: they stay in the second-level cache

// Asks for what addTile will read and write, so that it is near when the tile is done.
[[gnu::always_inline]] inline void prefetchSums(const Chunk& c, std::size_t row, std::size_t height, std::size_t column) {
  const std::size_t width = least(kPanel, c.y.columns - column);
  for (std::size_t i = row; i < row + height; i++) {
    for (std::size_t j = 0; j < width; j += 8) __builtin_prefetch(c.sums + i * c.sumsStride + column + j, 1);
  }
}

// sums[row …, column …] += tile.
[[gnu::always_inline]] inline void addTile(const Chunk& c, const float* tile, std::size_t row, std::size_t height, std::size_t column) {
  const std::size_t width = least(kPanel, c.y.columns - column);
  for (std::size_t i = 0; i < height; i++) {
    double* to = c.sums + (row + i) * c.sumsStride + column;
    std::size_t j = 0;
    for (; j + kLanes <= width; j += kLanes) {
      const Floats value = load(tile + i * kPanel + j);
      store(to + j, load(to + j) + widenLow(value));
      store(to + j + kLanes / 2, load(to + j + kLanes / 2) + widenHigh(value));
    }
    for (; j < width; j++) to[j] += tile[i * kPanel + j];
  }
}

struct Blocks {
  std::size_t tiles, panels, blockTiles, blockPanels;  // of the whole, and of one task
};

// One slab of both packed sides.
struct Slab {
  Slab(const Chunk& c, const Blocks& blocks, std::size_t start)
      : count(least(kSlab, c.rows - start)), left(c.left + start * blocks.tiles * kTileRows), right(c.right + start * blocks.panels * kPanel) {}
  const float* tile(std::size_t t) const { return left + t * roomFor(count) * kTileRows; }
  const float* panel(std::size_t p) const { return right + p * roomFor(count) * kPanel; }
  std::size_t count;
  const float* left;
  const float* right;
};

// Tile by tile of rows through a slab. The products of a tile bring near the next tile, and then their share of the
// panels of the slab that comes next, which otherwise the first tile of every slab would wait for.
void sumBlock(const Chunk& c, const Blocks& blocks, std::size_t task) {
  const std::size_t down = ceilDivide(blocks.tiles, blocks.blockTiles);
  const std::size_t firstTile = task % down * blocks.blockTiles, lastTile = least(blocks.tiles, firstTile + blocks.blockTiles);
  const std::size_t firstPanel = task / down * blocks.blockPanels, lastPanel = least(blocks.panels, firstPanel + blocks.blockPanels);
  if (c.symmetric && lastPanel * kPanel <= firstTile * kTileRows) return;
  alignas(64) float tile[kTileRows * kPanel];
  for (std::size_t start = 0; start < c.rows; start += kSlab) {
    const Slab slab(c, blocks, start);
    const Slab next(c, blocks, start + kSlab < c.rows ? start + kSlab : 0);  // after the last one the block below begins again
    const Ahead panels = ahead(next.panel(firstPanel), (lastPanel - firstPanel) * next.count * kPanel);
    for (std::size_t t = firstTile; t < lastTile; t++) {
      const std::size_t row = t * kTileRows;
      const std::size_t height = least(kTileRows, c.x.columns - row);
      const std::size_t first = c.symmetric && row / kPanel > firstPanel ? row / kPanel : firstPanel;
      const Ahead tiles = ahead(t + 1 < lastTile ? slab.tile(t + 1) : next.tile(firstTile), slab.count * kTileRows);
      const Ahead share = partOf(panels, t - firstTile, lastTile - firstTile);
      const std::size_t half = (lastPanel - first + 1) / 2;
      for (std::size_t p = first; p < lastPanel; p++) {
        const Ahead coming = p - first < half ? partOf(tiles, p - first, half) : partOf(share, p - first - half, lastPanel - first - half);
        prefetchSums(c, row, height, p * kPanel);
        for (std::size_t k = 0; k < slab.count; k += c.chain) {
          multiplyTile<1, kTileRows>(height, slab.tile(t) + k * kTileRows, slab.panel(p) + k * kPanel, least(c.chain, slab.count - k), tile, false,
                                     k == 0 ? coming : Ahead{});
          addTile(c, tile, row, height, p * kPanel);
        }
      }
    }
  }
}

// Blocks as large as the caches like, but enough of them to share out: fewer rows first, as panels are dear to fetch.
Blocks chooseBlocks(const Products& c) {
  Blocks b = {ceilDivide(c.x.columns, kTileRows), ceilDivide(c.y.columns, kPanel), kBlockTiles, kBlockPanels};
  while (ceilDivide(b.tiles, b.blockTiles) * ceilDivide(b.panels, b.blockPanels) < kLeastBlocks) {
    if (b.blockTiles * kTileRows > kLeastRows) b.blockTiles = (b.blockTiles + 1) / 2;
    else if (b.blockPanels > 1) b.blockPanels /= 2;
    else break;
  }
  return b;
}

std::size_t packedWidth(const Products& products) {
  return ceilDivide(products.x.columns, kTileRows) * kTileRows + ceilDivide(products.y.columns, kPanel) * kPanel;
}

std::size_t chunkRows(const Products& products, std::size_t rows) {
  const std::size_t fitting = kPackedBytes / (packedWidth(products) * kSlab * sizeof(float));
  return least(roomFor(rows), kSlab * (fitting < 1 ? 1 : least(fitting, kSlabs)));
}

// Memory that addProducts needs to pack what it multiplies.
std::size_t packedFloats(const Products& products, std::size_t rows) { return packedWidth(products) * chunkRows(products, rows); }

// Adds the products of `rows` rows; neither side is empty.
void addProducts(Pool& pool, const Products& products, std::size_t rows, float* packed) {
  const Blocks b = chooseBlocks(products);
  const std::size_t most = chunkRows(products, rows);
  Chunk c = {products, 0, 0, packed, nullptr};
  for (c.start = 0; c.start < rows; c.start += c.rows) {
    c.rows = least(most, rows - c.start);
    c.right = c.left + roomFor(c.rows) * b.tiles * kTileRows;
    const std::size_t rights = ceilDivide(b.panels, kGroupPanels), lefts = c.symmetric ? 0 : ceilDivide(b.tiles, kGroupTiles);
    parallel(pool, rights + lefts, [&](std::size_t task) {
      if (task < rights) packGroup(c, c.y, c.symmetric, true, task);
      else packGroup(c, c.x, true, false, task - rights);
    });
    const std::size_t tasks = ceilDivide(b.tiles, b.blockTiles) * ceilDivide(b.panels, b.blockPanels);
    parallel(pool, tasks, [&](std::size_t task) { sumBlock(c, b, task); });
  }
}

}  // namespace
}  // namespace neurometry::NEUROMETRY_ISA
