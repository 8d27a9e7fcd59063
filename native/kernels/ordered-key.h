#pragma once
#include "kernels/simd.h"

namespace neurometry::NEUROMETRY_ISA {

// An unsigned number that grows as the float32 does: −∞ < … < −0 = +0 < … < +∞ (NaN lies beyond both ends).
[[gnu::always_inline]] inline std::uint32_t orderedKey(float value) {
  std::uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof(bits));
  if (bits == 0x80000000u) bits = 0;
  return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
}

// The float32 that has this key.
[[gnu::always_inline]] inline float valueOfKey(std::uint32_t key) {
  const std::uint32_t bits = (key & 0x80000000u) != 0 ? key & 0x7fffffffu : ~key;
  float value;
  __builtin_memcpy(&value, &bits, sizeof(value));
  return value;
}

}  // namespace neurometry::NEUROMETRY_ISA
