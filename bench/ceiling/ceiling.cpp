// What this machine can do at most, measured now. Prints one JSON line: float32 operations per second (a
// multiply-add counts as two) and bits per second through AND + popcount, both from registers, and bytes per second
// read from memory; each on one thread and on all of them.
//   ceiling INSTRUCTION-SET THREADS      (plain, avx2 or avx512)
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {

using Loop = double (*)(std::size_t rounds);  // does `rounds` rounds and returns the operations of all of them
constexpr std::size_t kChains = 12;           // independent sums, enough to hide the latency of one

volatile float sink;  // results go here, so that no loop is left out

template <typename Vector>
[[gnu::always_inline]] inline double multiplyAdd(std::size_t rounds) {
  Vector sums[kChains];
#pragma GCC unroll 12
  for (std::size_t chain = 0; chain < kChains; chain++) sums[chain] = Vector{} + (0.25f + static_cast<float>(chain));
  const Vector factor = Vector{} + 0.999f, step = Vector{} + 0.001f;
  for (std::size_t round = 0; round < rounds; round++) {
#pragma GCC unroll 12
    for (std::size_t chain = 0; chain < kChains; chain++) sums[chain] = sums[chain] * factor + step;
  }
  Vector total{};
#pragma GCC unroll 12
  for (std::size_t chain = 0; chain < kChains; chain++) total += sums[chain];
  sink = total[0];
  return 2.0 * static_cast<double>(rounds * kChains * (sizeof(Vector) / sizeof(float)));
}

typedef float Floats4 __attribute__((vector_size(16)));
typedef float Floats8 __attribute__((vector_size(32)));
typedef float Floats16 __attribute__((vector_size(64)));

double fmaPlain(std::size_t rounds) { return multiplyAdd<Floats4>(rounds); }
#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] double fmaAvx2(std::size_t rounds) { return multiplyAdd<Floats8>(rounds); }
[[gnu::target("avx512f")]] double fmaAvx512(std::size_t rounds) { return multiplyAdd<Floats16>(rounds); }
#endif

#if defined(__x86_64__)
#define NEUROMETRY_POPCNT [[gnu::target("popcnt")]]
#else
#define NEUROMETRY_POPCNT
#endif

// Every round counts the bits of one word that the compiler cannot foresee against eight masks.
NEUROMETRY_POPCNT double bitsWords(std::size_t rounds) {
  std::uint64_t sums[8] = {}, word = rounds;
  for (std::size_t round = 0; round < rounds; round++) {
    word += 0x9e3779b97f4a7c15u;
#pragma GCC unroll 8
    for (std::size_t chain = 0; chain < 8; chain++) {
      sums[chain] += static_cast<std::uint64_t>(__builtin_popcountll(word & (0x5555u + chain)));
    }
  }
  for (const std::uint64_t sum : sums) sink = sink + static_cast<float>(sum);
  return 8.0 * 64 * static_cast<double>(rounds);
}

#if defined(__x86_64__)
[[gnu::target("avx512f,avx512vpopcntdq")]] double bitsAvx512(std::size_t rounds) {
  typedef std::uint64_t Words __attribute__((vector_size(64)));
  __m512i sums[8], word = _mm512_set1_epi64(static_cast<long long>(rounds));
  const __m512i step = _mm512_set1_epi64(0x1e3779b97f4a7c15);
#pragma GCC unroll 8
  for (std::size_t chain = 0; chain < 8; chain++) sums[chain] = _mm512_setzero_si512();
  for (std::size_t round = 0; round < rounds; round++) {
    word = _mm512_add_epi64(word, step);
#pragma GCC unroll 8
    for (std::size_t chain = 0; chain < 8; chain++) {
      const __m512i mask = _mm512_set1_epi64(static_cast<long long>(0x5555 + chain));
      sums[chain] = _mm512_add_epi64(sums[chain], _mm512_popcnt_epi64(_mm512_and_si512(word, mask)));
    }
  }
#pragma GCC unroll 8
  for (std::size_t chain = 0; chain < 8; chain++) sink = sink + static_cast<float>(reinterpret_cast<Words>(sums[chain])[0]);
  return 8.0 * 512 * static_cast<double>(rounds);
}
#endif

double readMemory(std::size_t rounds) {
  static std::vector<std::uint64_t> words(64 << 20 >> 3 << 2, 1);  // 256 MiB, far beyond every cache
  const std::size_t count = std::min(words.size(), rounds * 64);
  std::uint64_t sums[8] = {};
  for (std::size_t i = 0; i + 8 <= count; i += 8) {
#pragma GCC unroll 8
    for (std::size_t lane = 0; lane < 8; lane++) sums[lane] += words[i + lane];
  }
  for (const std::uint64_t sum : sums) sink = sink + static_cast<float>(sum);
  return 8.0 * static_cast<double>(count);
}

// Operations per second of `threads` threads that start together, the best of five tries.
double rate(Loop loop, std::size_t rounds, std::size_t threads) {
  double best = 0;
  for (int attempt = 0; attempt < 5; attempt++) {
    std::vector<double> operations(threads);
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> pool;
    for (std::size_t index = 1; index < threads; index++) {
      pool.emplace_back([&, index] { operations[index] = loop(rounds); });
    }
    operations[0] = loop(rounds);
    for (auto& thread : pool) thread.join();
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    double total = 0;
    for (double count : operations) total += count;
    best = std::max(best, total / seconds.count());
  }
  return best;
}

}  // namespace

int main(int count, char** words) {
  const char* isa = count > 1 ? words[1] : "plain";
  const std::size_t threads = count > 2 ? std::strtoul(words[2], nullptr, 10) : 1;
  Loop fma = fmaPlain, bits = bitsWords;
#if defined(__x86_64__)
  if (std::strcmp(isa, "avx2") == 0) fma = fmaAvx2;
  if (std::strcmp(isa, "avx512") == 0) fma = fmaAvx512, bits = bitsAvx512;
#endif
  readMemory(~std::size_t{0} / 64);
  std::printf("{\"isa\": \"%s\", \"threads\": %zu, ", isa, threads);
  std::printf("\"flop\": [%.4g, %.4g], ", rate(fma, 4 << 20, 1), rate(fma, 4 << 20, threads));
  std::printf("\"bit\": [%.4g, %.4g], ", rate(bits, 4 << 20, 1), rate(bits, 4 << 20, threads));
  std::printf("\"byte\": [%.4g, %.4g]}\n", rate(readMemory, ~std::size_t{0} / 64, 1), rate(readMemory, ~std::size_t{0} / 64, threads));
}
