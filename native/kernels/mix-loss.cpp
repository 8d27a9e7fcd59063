// Losses of rows of logits that are weighted sums of two rows each, as mix-rows makes them, without storing the logits:
//
//   loss = ln Σ e^(x − max) + max − x[target];  best = the lowest column that holds the maximum
//
// Operands: x, index, shares, bias?, targets, loss, best?. Numbers: rows, width, sourceRows. Both results are 0 where
// the target is 2^32 − 1 (none). One task takes a block of columns of many rows, so that the rows of x that they share are
// read from the second-level cache, and so do the tasks that follow it; what it leaves of each row is the block's maximum, Σ e^(x − maximum) in float32, and
// the target's logit where that is in it. Blocks are added in order, in float64.
#include <math.h>

#include "kernels/mixed-row.h"
#include "kernels/vector-math.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::uint32_t kNoTarget = 0xffffffffu;
constexpr std::size_t kColumns = 1024;
constexpr std::size_t kRows = 512;        // of a task
constexpr std::size_t kChunkRows = 4096;  // between two barriers: parts of their blocks are few megabytes

struct Part {
  float largest, sum, target;
};

struct MixLoss {
  View x, index, shares;
  const float* bias;
  const std::uint32_t* targets;
  std::size_t width, blocks;
};

// The logits of a block of columns of a row. @returns how many there are
[[gnu::always_inline]] inline std::size_t mixBlock(const MixLoss& p, std::size_t row, std::size_t block, float* logits) {
  const std::size_t first = block * kColumns, count = smaller(kColumns, p.width - first);
  const MixedRow mixed = mixedRow(p.x, p.index, p.shares, p.bias, row, first);
  alongRow(count, [&](std::size_t c, std::size_t n) { storePart(logits + c, mixed.at(c, n), n); });
  return count;
}

[[gnu::always_inline]] inline Part partOf(const MixLoss& p, std::size_t row, std::size_t block, float* logits) {
  const std::size_t count = mixBlock(p, row, block, logits);
  const float largest = largestOfRow(logits, count);
  const float sum = sumRow(count, [&](std::size_t c, std::size_t n) { return exponentialBelow(loadPart(logits + c, n, -3e38f) - largest); });
  const std::size_t target = p.targets[row] - block * kColumns;  // wraps round where the target is before the block
  return {largest, sum, target < count ? logits[target] : 0.0f};
}

// The loss of a row from the parts of its blocks, and the first block that holds the maximum.
[[gnu::always_inline]] inline float lossOf(const Part* parts, std::size_t blocks, std::size_t targetBlock, std::size_t& best) {
  best = 0;
  for (std::size_t b = 1; b < blocks; b++) {
    if (parts[b].largest > parts[best].largest) best = b;
  }
  const double largest = static_cast<double>(parts[best].largest);
  double sum = 0;
  for (std::size_t b = 0; b < blocks; b++) sum += static_cast<double>(parts[b].sum) * ::exp(static_cast<double>(parts[b].largest) - largest);
  return static_cast<float>(::log(sum) + (largest - static_cast<double>(parts[targetBlock].target)));
}

}  // namespace

const char* mixLoss(const Arguments& arguments, Pool& pool) {
  const std::size_t rows = arguments.size(0), width = arguments.size(1);
  const MixLoss p = {arguments.views[0], arguments.views[1], arguments.views[2], arguments.data<const float>(3), arguments.data<const std::uint32_t>(4),
                     width, (width + kColumns - 1) / kColumns};
  auto* loss = arguments.data<float>(5);
  auto* best = arguments.data<std::uint32_t>(6);
  if (!mixesRowsBelow(p.index, rows, arguments.size(2))) return "a row number is past the end of the matrix";
  for (std::size_t i = 0; i < rows; i++) {
    if (p.targets[i] != kNoTarget && p.targets[i] >= width) return "a target is past the last column of the logits";
  }
  const Scratch<Part> parts(smaller(rows, kChunkRows) * p.blocks);
  if (parts.data == nullptr) return "no memory is left for the parts of losses";

  for (std::size_t start = 0; start < rows; start += kChunkRows) {
    const std::size_t chunk = smaller(kChunkRows, rows - start), down = (chunk + kRows - 1) / kRows;
    parallel(pool, p.blocks * down, [&](std::size_t task) {
      alignas(64) float logits[kColumns];
      const std::size_t block = task / down, begin = task % down * kRows, end = smaller(chunk, begin + kRows);
      for (std::size_t i = begin; i < end; i++) {
        if (p.targets[start + i] != kNoTarget) parts[i * p.blocks + block] = partOf(p, start + i, block, logits);
      }
    });
    overRows(pool, chunk, kColumns, 1 << 18, [&](std::size_t begin, std::size_t end) {
      alignas(64) float logits[kColumns];
      for (std::size_t i = begin; i < end; i++) {
        const std::size_t row = start + i;
        loss[row] = 0;
        if (best) best[row] = 0;
        if (p.targets[row] == kNoTarget) continue;
        std::size_t block;
        loss[row] = lossOf(&parts[i * p.blocks], p.blocks, p.targets[row] / kColumns, block);
        if (!best) continue;
        const std::size_t count = mixBlock(p, row, block, logits);
        best[row] = static_cast<std::uint32_t>(block * kColumns) + firstEqual(logits, count, parts[i * p.blocks + block].largest);
      }
    });
  }
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
