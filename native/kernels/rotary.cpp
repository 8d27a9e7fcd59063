// Rotary position embedding (Su et al. 2021) of the first `rotated` columns of every head.
//
//   (a, b) becomes (a·cos − b·sin, b·cos + a·sin)
//
// for the pairs (c, c + rotated/2), or (2c, 2c + 1) where interleaved; the angles of position p are
// row p of `table`: rotated/2 cosines, then rotated/2 sines. In place where x is left out; the
// columns behind `rotated` stay as they are. One task per block of tokens.
#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

[[gnu::always_inline]] inline void rotateHead(const float* x, float* out, const float* table, std::size_t half, std::size_t step, std::size_t apart) {
  for (std::size_t c = 0; c < half; c++) {
    const float a = x[c * step], b = x[c * step + apart];
    out[c * step] = a * table[c] - b * table[half + c];
    out[c * step + apart] = b * table[c] + a * table[half + c];
  }
}

}  // namespace

const char* rotary(const Arguments& arguments, Pool& pool) {
  const auto* x = arguments.data<const float>(0);
  const auto* positions = arguments.data<const std::uint32_t>(1);
  const auto* table = arguments.data<const float>(2);
  auto* out = arguments.data<float>(3);
  const std::size_t rows = arguments.size(0), heads = arguments.size(1), headWidth = arguments.size(2), rotated = arguments.size(3);
  const std::size_t limit = arguments.size(4), half = rotated / 2;
  const bool interleaved = arguments.size(5) != 0;
  for (std::size_t i = 0; i < rows; i++) {
    if (positions[i] >= limit) return "a position is past the end of the rotary table";
  }

  overRows(pool, rows, heads * headWidth, 1 << 15, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      const float* angles = table + positions[i] * arguments.stride(2);
      float* to = out + i * arguments.stride(3);
      const float* from = x ? x + i * arguments.stride(0) : to;
      for (std::size_t h = 0; h < heads; h++) {
        const float* head = from + h * headWidth;
        float* rotatedHead = to + h * headWidth;
        if (interleaved) rotateHead(head, rotatedHead, angles, half, 2, 1);
        else rotateHead(head, rotatedHead, angles, half, 1, half);
        for (std::size_t c = rotated; x && c < headWidth; c++) rotatedHead[c] = head[c];
      }
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
