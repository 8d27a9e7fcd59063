// Sum of up to three table rows per token: word, position, token type.
//
//   out[i, c] = scale · table[ids[i], c] + positionTable[positions[i], c] + typeTable[types[i], c]
//
// An id past the end of its table is refused. One task per block of tokens.
#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

bool allBelow(const std::uint32_t* ids, std::size_t count, std::size_t limit) {
  bool below = true;
  for (std::size_t i = 0; i < count; i++) below &= ids[i] < limit;
  return below;
}

}  // namespace

const char* embedding(const Arguments& arguments, Pool& pool) {
  const auto* ids = arguments.data<const std::uint32_t>(0);
  const auto* table = arguments.data<const float>(1);
  const auto* positions = arguments.data<const std::uint32_t>(2);
  const auto* positionTable = arguments.data<const float>(3);
  const auto* types = arguments.data<const std::uint32_t>(4);
  const auto* typeTable = arguments.data<const float>(5);
  auto* out = arguments.data<float>(6);
  const std::size_t rows = arguments.size(0), width = arguments.size(1);
  const float scale = arguments.real(5);

  if (!allBelow(ids, rows, arguments.size(2))) return "a token id is past the end of the embedding table";
  if (positions && !allBelow(positions, rows, arguments.size(3))) return "a position is past the end of the position table";
  if (types && !allBelow(types, rows, arguments.size(4))) return "a token type is past the end of the token type table";

  overRows(pool, rows, width, 1 << 15, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      const float* word = table + ids[i] * arguments.stride(1);
      const float* position = positions ? positionTable + positions[i] * arguments.stride(3) : nullptr;
      const float* type = types ? typeTable + types[i] * arguments.stride(5) : nullptr;
      float* to = out + i * arguments.stride(6);
      for (std::size_t c = 0; c < width; c++) to[c] = scale * word[c];
      if (position) for (std::size_t c = 0; c < width; c++) to[c] += position[c];
      if (type) for (std::size_t c = 0; c < width; c++) to[c] += type[c];
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
