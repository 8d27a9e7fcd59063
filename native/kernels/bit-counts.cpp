// How many bits of every row are set: counts[i] = Σ_w popcount(bits[i, w]). One task counts 64 rows.
#include "kernels/simd.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kTaskRows = 64;

// popcount by halves: the compiler has no instruction for it on the oldest machines.
[[gnu::always_inline]] inline std::uint32_t countBits(std::uint32_t word) {
#if defined(__POPCNT__)
  return static_cast<std::uint32_t>(__builtin_popcount(word));
#else
  word -= word >> 1 & 0x55555555u;
  word = (word & 0x33333333u) + (word >> 2 & 0x33333333u);
  return ((word + (word >> 4)) & 0x0f0f0f0fu) * 0x01010101u >> 24;
#endif
}

}  // namespace

// bits [rows × words], counts [rows]; rows, words
const char* bitCounts(const Arguments& arguments, Pool& pool) {
  const std::size_t rows = arguments.size(0), words = arguments.size(1);
  std::uint32_t* counts = arguments.data<std::uint32_t>(1);
  parallel(pool, (rows + kTaskRows - 1) / kTaskRows, [&](std::size_t task) {
    const std::size_t end = (task + 1) * kTaskRows < rows ? (task + 1) * kTaskRows : rows;
    for (std::size_t row = task * kTaskRows; row < end; row++) {
      const std::uint32_t* bits = arguments.data<const std::uint32_t>(0) + row * arguments.stride(0);
      std::uint32_t count = 0;
      for (std::size_t w = 0; w < words; w++) count += countBits(bits[w]);
      counts[row] = count;
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
