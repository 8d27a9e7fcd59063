// How many bits two rows share, for every row of a and every row of b:
//
//   counts[i, j] = Σ_w popcount(a[i, w] & b[j, w])
//
// Exact: below 2³² bits a row. Rows are cut into slabs of words. With VPOPCNTQ a slab of b is packed into panels
// of 24 rows, word by word, and an 8 × 24 tile holds its counts in 24 registers whose lanes are rows of b; rows of a
// stay as they are; one task takes 128 of them against panels that fit the second cache. Without it (see overlap-adders.h) rows stay
// as they are, and carry-save adders reach 41 bits an instruction.
#include "kernels/overlap-adders.h"
#include "kernels/simd.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

struct Sizes {
  std::size_t a, b, words;  // words are of 32 bits
  std::size_t strideA, strideB, strideCounts;
};

[[gnu::always_inline]] inline std::size_t least(std::size_t x, std::size_t y) { return x < y ? x : y; }

#if defined(__AVX512VPOPCNTDQ__)

constexpr std::size_t kTileRows = 8;       // rows of a
constexpr std::size_t kTileColumns = 24;   // rows of b, three registers
constexpr std::size_t kSlab = 256;         // 64-bit words of a slab: a tile's share of a is 16 KiB, of b 48 KiB
constexpr std::size_t kTaskRows = 128;
constexpr std::size_t kTaskPanels = 12;

[[gnu::always_inline]] inline std::uint64_t wholeWord(const std::uint32_t* row, std::size_t word) {
  std::uint64_t value;
  __builtin_memcpy(&value, row + 2 * word, sizeof(value));
  return value;
}

[[gnu::always_inline]] inline std::uint64_t wordAt(const std::uint32_t* row, std::size_t word, std::size_t words) {
  std::uint64_t value = 0;
  __builtin_memcpy(&value, row + 2 * word, 2 * word + 1 < words ? 8 : 4);
  return value;
}

// panel[k, j] = word k of row j; rows and words that are not there are 0.
void packPanel(const std::uint32_t* rows, std::size_t stride, std::size_t count, std::size_t start, std::size_t length,
               std::size_t words, std::uint64_t* panel) {
  const std::size_t whole = least(length, words / 2 - least(start, words / 2));
  for (std::size_t j = 0; j < kTileColumns; j++) {
    const std::uint32_t* row = rows + j * stride;
    if (j < count) {
      for (std::size_t k = 0; k < whole; k++) panel[k * kTileColumns + j] = wholeWord(row, start + k);
    }
    for (std::size_t k = j < count ? whole : 0; k < length; k++) {
      panel[k * kTileColumns + j] = j < count ? wordAt(row, start + k, words) : 0;
    }
  }
}

// Rows of a side by side, padded with zeros: for rows that are fewer than a tile, and where the memory may end.
void copyRows(const std::uint32_t* rows, std::size_t stride, std::size_t count, std::size_t start, std::size_t length,
              std::size_t words, std::uint64_t* copy) {
  for (std::size_t i = 0; i < kTileRows; i++) {
    for (std::size_t k = 0; k < length; k++) {
      copy[i * kSlab + k] = i < count ? wordAt(rows + i * stride, start + k, words) : 0;
    }
  }
}

// Counts of 8 rows of a against one panel of b, added to what stands in `counts`. An odd last word of a row of a
// brings the first of the next row with it, against which the panel holds 0.
void addTile(const std::uint32_t* a, std::size_t strideA, const std::uint64_t* panel, std::size_t length,
             std::uint32_t* counts, std::size_t stride, std::size_t rows, std::size_t columns) {
  __m512i sums[kTileRows][3];
  for (auto& row : sums) row[0] = row[1] = row[2] = _mm512_setzero_si512();
  for (std::size_t k = 0; k < length; k++) {
    const __m512i b0 = _mm512_load_si512(panel + k * kTileColumns);
    const __m512i b1 = _mm512_load_si512(panel + k * kTileColumns + 8);
    const __m512i b2 = _mm512_load_si512(panel + k * kTileColumns + 16);
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kTileRows; i++) {
      const __m512i word = _mm512_set1_epi64(static_cast<long long>(wholeWord(a + i * strideA, k)));
      sums[i][0] = _mm512_add_epi64(sums[i][0], _mm512_popcnt_epi64(_mm512_and_si512(word, b0)));
      sums[i][1] = _mm512_add_epi64(sums[i][1], _mm512_popcnt_epi64(_mm512_and_si512(word, b1)));
      sums[i][2] = _mm512_add_epi64(sums[i][2], _mm512_popcnt_epi64(_mm512_and_si512(word, b2)));
    }
  }
  for (std::size_t i = 0; i < rows; i++) {
    std::uint64_t lanes[kTileColumns];
    __builtin_memcpy(lanes, sums[i], sizeof(lanes));
    for (std::size_t j = 0; j < columns; j++) counts[i * stride + j] += static_cast<std::uint32_t>(lanes[j]);
  }
}

const char* countAll(const std::uint32_t* a, const std::uint32_t* b, std::uint32_t* counts, const Sizes& sizes,
                     Pool& pool) {
  const std::size_t length64 = (sizes.words + 1) / 2;
  const std::size_t panels = (sizes.b + kTileColumns - 1) / kTileColumns;
  const Scratch<std::uint64_t> packed(panels * kTileColumns * least(length64, kSlab));
  if (!packed.data) return "out of memory";
  const std::size_t rowTasks = (sizes.a + kTaskRows - 1) / kTaskRows;
  const std::size_t panelTasks = (panels + kTaskPanels - 1) / kTaskPanels;
  for (std::size_t start = 0; start < length64; start += kSlab) {
    const std::size_t length = least(kSlab, length64 - start);
    const std::size_t panelWords = length * kTileColumns;
    parallel(pool, panels, [&](std::size_t panel) {
      const std::size_t first = panel * kTileColumns;
      packPanel(b + first * sizes.strideB, sizes.strideB, least(kTileColumns, sizes.b - first), start, length,
                sizes.words, packed.data + panel * panelWords);
    });
    parallel(pool, rowTasks * panelTasks, [&](std::size_t task) {
      alignas(64) std::uint64_t copy[kTileRows * kSlab];
      const std::size_t top = task / panelTasks * kTaskRows, bottom = least(top + kTaskRows, sizes.a);
      const std::size_t left = task % panelTasks * kTaskPanels, right = least(left + kTaskPanels, panels);
      for (std::size_t i = top; i < bottom; i += kTileRows) {
        const std::size_t height = least(kTileRows, sizes.a - i);
        const bool copied = i + kTileRows >= sizes.a;
        const std::uint32_t* rows = a + i * sizes.strideA + 2 * start;
        if (copied) {
          copyRows(a + i * sizes.strideA, sizes.strideA, height, start, length, sizes.words, copy);
          rows = reinterpret_cast<const std::uint32_t*>(copy);
        }
        for (std::size_t panel = left; panel < right; panel++) {
          const std::size_t j = panel * kTileColumns;
          addTile(rows, copied ? 2 * kSlab : sizes.strideA, packed.data + panel * panelWords, length,
                  counts + i * sizes.strideCounts + j, sizes.strideCounts, height, least(kTileColumns, sizes.b - j));
        }
      }
    });
  }
  return nullptr;
}

#else

constexpr std::size_t kSlab = 16 * kVectorWords * 16;  // 32-bit words of a slab: 16 rows of b stay in the first cache
constexpr std::size_t kTaskRows = 32;
constexpr std::size_t kTaskColumns = 16;

const char* countAll(const std::uint32_t* a, const std::uint32_t* b, std::uint32_t* counts, const Sizes& sizes,
                     Pool& pool) {
  const std::size_t across = (sizes.b + kTaskColumns - 1) / kTaskColumns;
  const std::size_t down = (sizes.a + kTaskRows - 1) / kTaskRows;
  parallel(pool, across * down, [&](std::size_t task) {
    const std::size_t top = task / across * kTaskRows, bottom = least(top + kTaskRows, sizes.a);
    const std::size_t left = task % across * kTaskColumns, right = least(left + kTaskColumns, sizes.b);
    for (std::size_t start = 0; start < sizes.words; start += kSlab) {
      const std::size_t length = least(kSlab, sizes.words - start);
      for (std::size_t i = top; i < bottom; i++) {
        const std::uint32_t* row = a + i * sizes.strideA + start;
        for (std::size_t j = left; j < right; j++) {
          counts[i * sizes.strideCounts + j] += countShared(row, b + j * sizes.strideB + start, length);
        }
      }
    }
  });
  return nullptr;
}

#endif

}  // namespace

// a [rowsA × words], b [rowsB × words], counts [rowsA × rowsB]; rowsA, rowsB, words
const char* overlap(const Arguments& arguments, Pool& pool) {
  const Sizes sizes = {arguments.size(0),   arguments.size(1),   arguments.size(2),
                       arguments.stride(0), arguments.stride(1), arguments.stride(2)};
  std::uint32_t* counts = arguments.data<std::uint32_t>(2);
  for (std::size_t i = 0; i < sizes.a; i++) {
    __builtin_memset(counts + i * sizes.strideCounts, 0, sizes.b * sizeof(std::uint32_t));
  }
  return countAll(arguments.data<const std::uint32_t>(0), arguments.data<const std::uint32_t>(1), counts, sizes, pool);
}

}  // namespace neurometry::NEUROMETRY_ISA
