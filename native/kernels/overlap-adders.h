#pragma once
#include "kernels/simd.h"

namespace neurometry::NEUROMETRY_ISA {

// Counting the bits that two rows share where the machine has no vector popcount: carry-save adders sum sixteen
// vectors bit by bit, so that only one vector in sixteen is counted (Harley and Seal). Vectors hold 64-bit lanes.
typedef std::uint64_t Words __attribute__((vector_size(kLanes * sizeof(float))));

inline constexpr std::size_t kVectorWords = kLanes;  // 32-bit words of one vector

[[gnu::always_inline]] inline Words shared(const std::uint32_t* a, const std::uint32_t* b) {
  Words x, y;
  __builtin_memcpy(&x, a, sizeof(x));
  __builtin_memcpy(&y, b, sizeof(y));
  return x & y;
}

// Bits set in each 64-bit lane.
[[gnu::always_inline]] inline Words countLanes(Words bits) {
#if defined(__AVX2__) && !defined(__AVX512F__)
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
                                         0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256i value = reinterpret_cast<__m256i>(bits);
  const __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256(value, nibble));
  const __m256i high = _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(value, 4), nibble));
  return reinterpret_cast<Words>(_mm256_sad_epu8(_mm256_add_epi8(low, high), _mm256_setzero_si256()));
#else
  bits -= bits >> 1 & 0x5555555555555555u;
  bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
  bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  bits += bits >> 8;
  bits += bits >> 16;
  bits += bits >> 32;
  return bits & 0xffu;
#endif
}

// sum becomes the low bits of sum + x + y; the high bits are returned.
[[gnu::always_inline]] inline Words add(Words& sum, Words x, Words y) {
  const Words half = sum ^ x;
  const Words carry = (sum & x) | (half & y);
  sum = half ^ y;
  return carry;
}

struct Adders {
  Words ones = {}, twos = {}, fours = {}, eights = {}, total = {};
};

// Sums four vectors; returns what carries out of the fours.
[[gnu::always_inline]] inline Words addFour(Adders& sums, const std::uint32_t* a, const std::uint32_t* b) {
  constexpr std::size_t step = kVectorWords;
  const Words first = add(sums.ones, shared(a, b), shared(a + step, b + step));
  const Words second = add(sums.ones, shared(a + 2 * step, b + 2 * step), shared(a + 3 * step, b + 3 * step));
  return add(sums.twos, first, second);
}

[[gnu::always_inline]] inline Words addEight(Adders& sums, const std::uint32_t* a, const std::uint32_t* b) {
  const Words first = addFour(sums, a, b);
  const Words second = addFour(sums, a + 4 * kVectorWords, b + 4 * kVectorWords);
  return add(sums.fours, first, second);
}

// Σ_w popcount(a[w] & b[w]) over `words` words of 32 bits.
static inline std::uint32_t countShared(const std::uint32_t* a, const std::uint32_t* b, std::size_t words) {
  constexpr std::size_t block = 16 * kVectorWords;
  Adders sums;
  std::size_t at = 0;
  for (; at + block <= words; at += block) {
    const Words first = addEight(sums, a + at, b + at);
    const Words second = addEight(sums, a + at + block / 2, b + at + block / 2);
    sums.total += countLanes(add(sums.eights, first, second));
  }
  sums.total = (sums.total << 4) + (countLanes(sums.eights) << 3) + (countLanes(sums.fours) << 2) +
               (countLanes(sums.twos) << 1) + countLanes(sums.ones);
  for (; at + kVectorWords <= words; at += kVectorWords) sums.total += countLanes(shared(a + at, b + at));
  if (at < words) {
    std::uint32_t lastA[kVectorWords] = {}, lastB[kVectorWords] = {};
    __builtin_memcpy(lastA, a + at, (words - at) * sizeof(std::uint32_t));
    __builtin_memcpy(lastB, b + at, (words - at) * sizeof(std::uint32_t));
    sums.total += countLanes(shared(lastA, lastB));
  }
  std::uint64_t count = 0;
  for (std::size_t lane = 0; lane < kLanes / 2; lane++) count += sums.total[lane];
  return static_cast<std::uint32_t>(count);
}

}  // namespace neurometry::NEUROMETRY_ISA
