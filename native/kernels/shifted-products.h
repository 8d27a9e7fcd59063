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
constexpr std::size_t kLeastRows = 42;
constexpr std::size_t kBlockTiles = 84 / kTileRows;
constexpr std::size_t kBlockStrips = 128 / kStrip;  // a slab of both sides and their sums are 400 KiB: they stay in the second-level cache

// One register tile of sums: where it is, and the rows and columns of it that are there.
struct Spot {
  double* sums;
  std::size_t stride, height, width;
  bool whole() const { return height == kTileRows && width == kStrip; }
};

// Asks for the sums, so that they are near when their products are done.
[[gnu::always_inline]] inline void prefetchSums(const Spot& to) {
  for (std::size_t i = 0; i < to.height; i++) {
    for (std::size_t j = 0; j < to.width; j += 8) __builtin_prefetch(to.sums + i * to.stride + j, 1);
  }
}

// sums[i, j] += Σ_k left[k·kTileRows + i]·right[k·kStrip + j] over `count` rows, bringing near what is coming.
void addTile(const Spot& to, const float* left, const float* right, std::size_t count, Ahead coming) {
  Floats products[kTileRows][2] = {};
  addRowProducts<kTileRows, 1, kTileRows, kStrip, true>(products, left, right, count, coming);
  if (to.whole()) {
#pragma GCC unroll 16
    for (std::size_t i = 0; i < kTileRows; i++) {
#pragma GCC unroll 2
      for (std::size_t v = 0; v < 2; v++) {
        double* const at = to.sums + i * to.stride + v * kLanes;
        store(at, load(at) + widenLow(products[i][v]));
        store(at + kLanes / 2, load(at + kLanes / 2) + widenHigh(products[i][v]));
      }
    }
    return;
  }
  alignas(64) float tile[kTileRows * kStrip];
  __builtin_memcpy(tile, products, sizeof(tile));
  for (std::size_t i = 0; i < to.height; i++) {
    for (std::size_t j = 0; j < to.width; j++) to.sums[i * to.stride + j] += tile[i * kStrip + j];
  }
}

struct Blocks {
  std::size_t tiles, strips, blockTiles, blockStrips;  // of the whole, and of one task
};

// One slab of both packed sides.
struct Slab {
  Slab(const Chunk& c, const Blocks& blocks, std::size_t start)
      : count(least(kSlab, c.rows - start)), left(c.left + start * blocks.tiles * kTileRows), right(c.right + start * blocks.strips * kStrip) {}
  const float* tile(std::size_t t) const { return left + t * roomFor(count) * kTileRows; }
  const float* strip(std::size_t s) const { return right + s * roomFor(count) * kStrip; }
  std::size_t count;
  const float* left;
  const float* right;
};

// Tile by tile of rows through a slab. The products of a tile bring near the next tile, and then their share of the
// strips of the slab that comes next, which otherwise the first tile of every slab would wait for.
void sumBlock(const Chunk& c, const Blocks& blocks, std::size_t task) {
  const std::size_t down = ceilDivide(blocks.tiles, blocks.blockTiles);
  const std::size_t firstTile = task % down * blocks.blockTiles, lastTile = least(blocks.tiles, firstTile + blocks.blockTiles);
  const std::size_t firstStrip = task / down * blocks.blockStrips, lastStrip = least(blocks.strips, firstStrip + blocks.blockStrips);
  if (c.symmetric && lastStrip * kStrip <= firstTile * kTileRows) return;
  for (std::size_t start = 0; start < c.rows; start += kSlab) {
    const Slab slab(c, blocks, start);
    const Slab next(c, blocks, start + kSlab < c.rows ? start + kSlab : 0);  // after the last one the block below begins again
    const Ahead strips = ahead(next.strip(firstStrip), (lastStrip - firstStrip) * next.count * kStrip);
    for (std::size_t t = firstTile; t < lastTile; t++) {
      const std::size_t row = t * kTileRows;
      const std::size_t first = c.symmetric && row / kStrip > firstStrip ? row / kStrip : firstStrip;
      const Ahead tiles = ahead(t + 1 < lastTile ? slab.tile(t + 1) : next.tile(firstTile), slab.count * kTileRows);
      const Ahead share = partOf(strips, t - firstTile, lastTile - firstTile);
      const std::size_t half = (lastStrip - first + 1) / 2;
      for (std::size_t s = first; s < lastStrip; s++) {
        const Ahead coming = s - first < half ? partOf(tiles, s - first, half) : partOf(share, s - first - half, lastStrip - first - half);
        const Spot to = {c.sums + row * c.sumsStride + s * kStrip, c.sumsStride, least(kTileRows, c.x.columns - row), least(kStrip, c.y.columns - s * kStrip)};
        prefetchSums(to);
        for (std::size_t k = 0; k < slab.count; k += c.chain) {
          addTile(to, slab.tile(t) + k * kTileRows, slab.strip(s) + k * kStrip, least(c.chain, slab.count - k), k == 0 ? coming : Ahead{slab.tile(t), 0});
        }
      }
    }
  }
}

// Blocks as large as the caches like, but enough of them to share out: fewer rows first, as strips are dear to fetch.
Blocks chooseBlocks(const Products& c) {
  Blocks b = {ceilDivide(c.x.columns, kTileRows), ceilDivide(c.y.columns, kStrip), kBlockTiles, kBlockStrips};
  while (ceilDivide(b.tiles, b.blockTiles) * ceilDivide(b.strips, b.blockStrips) < kLeastBlocks) {
    if (b.blockTiles * kTileRows > kLeastRows) b.blockTiles = (b.blockTiles + 1) / 2;
    else if (b.blockStrips > 1) b.blockStrips /= 2;
    else break;
  }
  return b;
}

std::size_t packedWidth(const Products& products) {
  return ceilDivide(products.x.columns, kTileRows) * kTileRows + ceilDivide(products.y.columns, kStrip) * kStrip;
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
    const std::size_t rights = ceilDivide(c.y.columns, kGroup), lefts = c.symmetric ? 0 : ceilDivide(c.x.columns, kGroup);
    parallel(pool, rights + lefts, [&](std::size_t task) {
      if (task < rights) packGroup(c, c.y, c.symmetric, true, task);
      else packGroup(c, c.x, true, false, task - rights);
    });
    const std::size_t tasks = ceilDivide(b.tiles, b.blockTiles) * ceilDivide(b.strips, b.blockStrips);
    parallel(pool, tasks, [&](std::size_t task) { sumBlock(c, b, task); });
  }
}

}  // namespace
}  // namespace neurometry::NEUROMETRY_ISA
