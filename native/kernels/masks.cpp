// Bit masks of columns: bit first_row + r of row c of `bits` is set where x[r, c] > threshold[c].
//
// Strict: a value equal to the threshold stays off, as does NaN. Bits are added to what stands there, so that blocks
// of any length follow one another. nan[c] becomes the least row (first_row + r) that holds NaN, if it is less than
// what stands there.
// One task makes 16 words (512 rows) of 256 columns, so that it writes whole cache lines.
#include "kernels/simd.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kTaskWords = 16;
constexpr std::size_t kTaskColumns = 256;

struct Block {
  const float* x;
  std::size_t stride, rows;
  std::uint32_t* nan;
  std::size_t firstRow;
};

void noteNan(const Block& block, std::size_t row, std::size_t column) {
  const auto found = static_cast<std::uint32_t>(block.firstRow + row);
  std::uint32_t known = __atomic_load_n(block.nan + column, __ATOMIC_RELAXED);
  while (found < known &&
         !__atomic_compare_exchange_n(block.nan + column, &known, found, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
}

// The words of `lanes` neighbouring columns from the rows start … end − 1.
[[gnu::always_inline]] inline Integers wordsOf(const Block& block, const float* threshold, std::size_t start,
                                               std::size_t end, std::size_t column, std::size_t lanes) {
  const Floats limit = lanes == kLanes ? load(threshold + column) : loadSome(threshold + column, lanes);
  const std::size_t phase = block.firstRow % 32;
  Integers words = {}, nans = {};
  for (std::size_t row = start; row < end; row++) {
    const float* from = block.x + row * block.stride + column;
    const Floats value = lanes == kLanes ? load(from) : loadSome(from, lanes);
    const Integers bit = Integers{} + static_cast<std::int32_t>(1u << ((row + phase) % 32));
    words |= (value > limit) & bit;
    nans |= (value != value) & bit;
  }
  for (std::size_t lane = 0; lane < lanes; lane++) {
    const auto bits = static_cast<std::uint32_t>(nans[lane]);
    if (bits != 0) noteNan(block, (start + phase) / 32 * 32 + static_cast<std::size_t>(__builtin_ctz(bits)) - phase, column + lane);
  }
  return words;
}

}  // namespace

// x [rows × columns], threshold [columns], bits [columns × words], nan [columns]; rows, columns, firstRow
const char* masks(const Arguments& arguments, Pool& pool) {
  const std::size_t rows = arguments.size(0), columns = arguments.size(1), firstRow = arguments.size(2);
  const Block block = {arguments.data<const float>(0), arguments.stride(0), rows, arguments.data<std::uint32_t>(3),
                       firstRow};
  const float* threshold = arguments.data<const float>(1);
  std::uint32_t* bits = arguments.data<std::uint32_t>(2) + firstRow / 32;
  const std::size_t bitsStride = arguments.stride(2);
  const std::size_t phase = firstRow % 32, words = rows == 0 ? 0 : (phase + rows + 31) / 32;
  const std::size_t columnTasks = (columns + kTaskColumns - 1) / kTaskColumns;
  const std::size_t wordTasks = (words + kTaskWords - 1) / kTaskWords;

  parallel(pool, columnTasks * wordTasks, [&](std::size_t task) {
    const std::size_t left = task % columnTasks * kTaskColumns, top = task / columnTasks * kTaskWords;
    const std::size_t right = left + kTaskColumns < columns ? left + kTaskColumns : columns;
    const std::size_t bottom = top + kTaskWords < words ? top + kTaskWords : words;
    for (std::size_t word = top; word < bottom; word++) {
      const std::size_t start = word == 0 ? 0 : word * 32 - phase;
      const std::size_t end = word * 32 + 32 - phase < rows ? word * 32 + 32 - phase : rows;
      for (std::size_t column = left; column < right; column += kLanes) {
        const std::size_t lanes = column + kLanes <= right ? kLanes : right - column;
        const Integers made = wordsOf(block, threshold, start, end, column, lanes);
        for (std::size_t lane = 0; lane < lanes; lane++) {
          bits[(column + lane) * bitsStride + word] |= static_cast<std::uint32_t>(made[lane]);
        }
      }
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
