#pragma once
// Every kernel file is compiled once per instruction set, into the namespace named by
// NEUROMETRY_ISA (plain, avx2 or avx512), and the set is chosen once, at run time. A function that
// two sets could share must not be emitted from such a file: on a machine without AVX-512 the
// linker could otherwise pick the AVX-512 copy. So kernels use plain loops, raw pointers and what
// is below, no containers; the build checks it (native/check-symbols.cmake).
#include <cstddef>
#include <cstdint>
#include <stdlib.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "kernels/kernel.h"
#include "kernels/pool.h"

#ifndef NEUROMETRY_ISA
#define NEUROMETRY_ISA plain
#endif

namespace neurometry::NEUROMETRY_ISA {

#if defined(__AVX512F__)
inline constexpr std::size_t kLanes = 16;
#elif defined(__AVX__)
inline constexpr std::size_t kLanes = 8;
#else
inline constexpr std::size_t kLanes = 4;
#endif

// kLanes float32 values; arithmetic operators work lane by lane.
typedef float Floats __attribute__((vector_size(kLanes * sizeof(float))));
typedef std::int32_t Integers __attribute__((vector_size(kLanes * sizeof(std::int32_t))));

[[gnu::always_inline]] inline Floats load(const float* from) {
  Floats value;
  __builtin_memcpy(&value, from, sizeof(value));
  return value;
}
[[gnu::always_inline]] inline void store(float* to, Floats value) { __builtin_memcpy(to, &value, sizeof(value)); }
[[gnu::always_inline]] inline Floats splat(float value) { return value - Floats{}; }

// Stores past the caches, to memory aligned to whole vectors; whole cache lines, or it is slow. Call finishStreams before
// another thread reads them.
[[gnu::always_inline]] inline void stream(float* to, Floats value) {
#if defined(__AVX512F__)
  _mm512_stream_ps(to, reinterpret_cast<__m512>(value));
#elif defined(__AVX__)
  _mm256_stream_ps(to, reinterpret_cast<__m256>(value));
#elif defined(__SSE__)
  _mm_stream_ps(to, reinterpret_cast<__m128>(value));
#else
  store(to, value);
#endif
}
[[gnu::always_inline]] inline void finishStreams() {
#if defined(__SSE__)
  _mm_sfence();
#endif
}

// The first `count` ≤ kLanes values; the other lanes are 0, and nothing behind the values is touched.
[[gnu::always_inline]] inline Floats loadSome(const float* from, std::size_t count) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), from));
#else
  Floats value = {};
  for (std::size_t i = 0; i < count; i++) value[i] = from[i];
  return value;
#endif
}
[[gnu::always_inline]] inline void storeSome(float* to, Floats value, std::size_t count) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1), reinterpret_cast<__m512>(value));
#else
  for (std::size_t i = 0; i < count; i++) to[i] = value[i];
#endif
}

// Lane numbers 0 … kLanes − 1.
[[gnu::always_inline]] inline Integers laneNumbers() {
  Integers value = {};
  for (std::size_t lane = 0; lane < kLanes; lane++) value[lane] = static_cast<std::int32_t>(lane);
  return value;
}

// The sum and the maximum over all lanes, by halves.
[[gnu::always_inline]] inline float sumLanes(Floats value) {
#pragma GCC unroll 4
  for (std::int32_t half = kLanes / 2; half > 0; half /= 2) value += __builtin_shuffle(value, laneNumbers() ^ half);
  return value[0];
}
[[gnu::always_inline]] inline float largestLane(Floats value) {
#pragma GCC unroll 4
  for (std::int32_t half = kLanes / 2; half > 0; half /= 2) {
    const Floats other = __builtin_shuffle(value, laneNumbers() ^ half);
    value = other > value ? other : value;
  }
  return value[0];
}

// kLanes/2 float64 values, and both halves of a float32 vector as such.
typedef double Doubles __attribute__((vector_size(kLanes * sizeof(float))));
typedef float HalfFloats __attribute__((vector_size(kLanes * sizeof(float) / 2)));

// By instructions of their own where there are such: the compiler goes through memory and quarters of a vector.
[[gnu::always_inline]] inline Doubles widenLow(Floats value) {
#if defined(__AVX512F__)
  return reinterpret_cast<Doubles>(_mm512_cvtps_pd(_mm512_castps512_ps256(reinterpret_cast<__m512>(value))));
#elif defined(__AVX__)
  return reinterpret_cast<Doubles>(_mm256_cvtps_pd(_mm256_castps256_ps128(reinterpret_cast<__m256>(value))));
#else
  HalfFloats half;
  __builtin_memcpy(&half, &value, sizeof(half));
  return __builtin_convertvector(half, Doubles);
#endif
}
[[gnu::always_inline]] inline Doubles widenHigh(Floats value) {
#if defined(__AVX512F__)
  return reinterpret_cast<Doubles>(_mm512_cvtps_pd(_mm512_extractf32x8_ps(reinterpret_cast<__m512>(value), 1)));
#elif defined(__AVX__)
  return reinterpret_cast<Doubles>(_mm256_cvtps_pd(_mm256_extractf128_ps(reinterpret_cast<__m256>(value), 1)));
#else
  HalfFloats half;
  __builtin_memcpy(&half, reinterpret_cast<const char*>(&value) + sizeof(half), sizeof(half));
  return __builtin_convertvector(half, Doubles);
#endif
}
[[gnu::always_inline]] inline Doubles load(const double* from) {
  Doubles value;
  __builtin_memcpy(&value, from, sizeof(value));
  return value;
}
[[gnu::always_inline]] inline void store(double* to, Doubles value) { __builtin_memcpy(to, &value, sizeof(value)); }

// Calls body(index) for 0 … count − 1 on all threads of the pool.
template <typename Body>
[[gnu::always_inline]] inline void parallel(Pool& pool, std::size_t count, const Body& body) {
  if (count == 1) return body(0);
  pool.run(count, [](void* context, std::size_t index) { (*static_cast<const Body*>(context))(index); },
           const_cast<void*>(static_cast<const void*>(&body)));
}

// Working memory of one call, 64-byte aligned, uninitialised; data is nullptr when none is left.
template <typename T>
struct Scratch {
  [[gnu::always_inline]] explicit Scratch(std::size_t count)
      : data(static_cast<T*>(alignedOrNull(count * sizeof(T)))) {}
  [[gnu::always_inline]] ~Scratch() { ::free(data); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[gnu::always_inline]] T& operator[](std::size_t index) const { return data[index]; }
  T* data;

 private:
  [[gnu::always_inline]] static void* alignedOrNull(std::size_t bytes) {
    void* memory = nullptr;
    return ::posix_memalign(&memory, 64, bytes == 0 ? 64 : bytes) == 0 ? memory : nullptr;
  }
};

}  // namespace neurometry::NEUROMETRY_ISA
