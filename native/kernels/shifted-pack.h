#pragma once
// Columns shifted and packed in the two formats that the tile reads, a few slabs of rows at a time, and their totals:
//
//   left:  slab, tile of kTileRows columns, row, column      right: slab, strip of kStrip columns, row, column
//
// A slab's rows are filled up to a multiple of eight, so that everything begins on a cache line.
#include "kernels/pack.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kStrip = 2 * kLanes;  // as wide as the accumulators of a tile
constexpr std::size_t kGroup = kTileRows == 14 ? 224 : 96;  // columns packed by one task: whole tiles and whole strips
constexpr std::size_t kRowsTogether = 8;  // rows packed at a time: whole cache lines of every tile

// Rows that `count` rows take in a packed slab.
[[gnu::always_inline]] inline std::size_t roomFor(std::size_t count) { return ceilDivide(count, kRowsTogether) * kRowsTogether; }

// Columns that are multiplied: x[t, j] − shift[j]. `totals` takes (Σ d, Σ d²) of each.
struct Side {
  const float* data;
  std::size_t stride;
  const float* shift;
  double* totals;
  std::size_t columns;
};

struct Products {
  Side x, y;
  bool symmetric;  // y is x: only j ≥ i is complete
  double* sums;
  std::size_t sumsStride;
  std::size_t chain;  // rows that are summed in float32, at most kSlab
};

struct Chunk : Products {
  std::size_t start, rows;  // rows of this chunk
  float* left;              // slab, tile, k, kTileRows
  float* right;             // slab, strip, k, kStrip
};

// The columns first … of row t, shifted, zeros behind the last.
[[gnu::always_inline]] inline void shiftRow(const Side& side, std::size_t t, std::size_t first, std::size_t width, float* to) {
  const float* from = side.data + t * side.stride + first;
  const std::size_t here = least(width, side.columns - first);
  std::size_t j = 0;
  for (; j + kLanes <= here; j += kLanes) store(to + j, load(from + j) - load(side.shift + first + j));
  for (; j < here; j++) to[j] = from[j] - side.shift[first + j];
  for (; j < width; j++) to[j] = 0.0f;
}

// The sums of one strip's columns, of which packing shows each row once: float32 over eight rows, float64 between.
struct StripTotals {
  static constexpr std::size_t kVectors = kStrip / kLanes;
  static constexpr std::size_t kRows = 8;
  Floats few[kVectors] = {}, fewSquares[kVectors] = {};
  Doubles sums[2 * kVectors] = {}, squares[2 * kVectors] = {};
  std::size_t rows = 0;

  [[gnu::always_inline]] void add(const float* row) {
    for (std::size_t j = 0; j < kVectors; j++) {
      const Floats value = load(row + j * kLanes);
      few[j] += value;
      fewSquares[j] += value * value;
    }
    if (++rows == kRows) widen();
  }

  void widen() {
    for (std::size_t j = 0; j < kVectors; j++) {
      sums[2 * j] += widenLow(few[j]);
      sums[2 * j + 1] += widenHigh(few[j]);
      squares[2 * j] += widenLow(fewSquares[j]);
      squares[2 * j + 1] += widenHigh(fewSquares[j]);
      few[j] = fewSquares[j] = Floats{};
    }
    rows = 0;
  }

  void addTo(const Side& side, std::size_t first) {
    widen();
    constexpr std::size_t half = kLanes / 2;
    for (std::size_t j = 0; j < kStrip && first + j < side.columns; j++) {
      side.totals[2 * (first + j)] += sums[j / half][j % half];
      side.totals[2 * (first + j) + 1] += squares[j / half][j % half];
    }
  }
};

// A few rows of a group of columns, shifted: from here they go out in whole cache lines.
struct Shifted {
  alignas(64) float values[kRowsTogether][kGroup + kLine];
  alignas(64) float tile[kRowsTogether * kTileRows];

  void streamStrip(std::size_t s, float* to) const {
    for (std::size_t k = 0; k < kRowsTogether; k++) {
      for (std::size_t j = 0; j < kStrip; j += kLanes) stream(to + k * kStrip + j, load(values[k] + s * kStrip + j));
    }
  }
  void streamTile(std::size_t t, float* to) {
    for (std::size_t k = 0; k < kRowsTogether; k++) __builtin_memcpy(tile + k * kTileRows, values[k] + t * kTileRows, kTileRows * sizeof(float));
    for (std::size_t j = 0; j < kRowsTogether * kTileRows; j += kLanes) stream(to + j, load(tile + j));
  }
};

// A group of columns, for every slab of the chunk: as tiles of the left side, as strips of the right one, or as both, so
// that rows are read once and in long runs. What is packed goes past the caches: the other threads' hold what was there
// before, and would have to be asked for every line.
void packGroup(const Chunk& c, const Side& side, bool asTiles, bool asStrips, std::size_t group) {
  const std::size_t strips = ceilDivide(side.columns, kStrip), tiles = ceilDivide(side.columns, kTileRows);
  const std::size_t first = group * kGroup, firstStrip = first / kStrip, firstTile = first / kTileRows;
  const std::size_t stripsHere = least(kGroup / kStrip, strips - firstStrip), tilesHere = asTiles ? least(kGroup / kTileRows, tiles - firstTile) : 0;
  const std::size_t width = least(side.columns - first, kGroup);
  StripTotals totals[kGroup / kStrip];
  Shifted shifted = {};
  for (std::size_t start = 0; start < c.rows; start += kSlab) {
    const std::size_t count = least(kSlab, c.rows - start), room = roomFor(count);
    float* const right = c.right + start * strips * kStrip + firstStrip * room * kStrip;
    float* const left = c.left + start * tiles * kTileRows + firstTile * room * kTileRows;
    for (std::size_t top = 0; top < count; top += kRowsTogether) {
      const std::size_t here = least(kRowsTogether, count - top);
      for (std::size_t k = 0; k < here; k++) {
        const std::size_t t = c.start + start + top + k;
        const float* const coming = side.data + (t + kRowsTogether) * side.stride + first;
        for (std::size_t j = 0; j < width; j += kLine) __builtin_prefetch(coming + j);
        shiftRow(side, t, first, kGroup, shifted.values[k]);
        for (std::size_t strip = 0; strip < stripsHere; strip++) totals[strip].add(shifted.values[k] + strip * kStrip);
      }
      for (std::size_t strip = 0; asStrips && strip < stripsHere; strip++) shifted.streamStrip(strip, right + (strip * room + top) * kStrip);
      for (std::size_t tile = 0; tile < tilesHere; tile++) shifted.streamTile(tile, left + (tile * room + top) * kTileRows);
    }
  }
  finishStreams();
  for (std::size_t strip = 0; strip < stripsHere; strip++) totals[strip].addTo(side, (firstStrip + strip) * kStrip);
}

}  // namespace
}  // namespace neurometry::NEUROMETRY_ISA
