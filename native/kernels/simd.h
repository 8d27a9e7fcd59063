#pragma once
// Every kernel file is compiled once per instruction set, into the namespace named by
// NEUROMETRY_ISA (plain, avx2 or avx512), and the set is chosen once, at run time. A function that
// two sets could share must not be emitted from such a file: on a machine without AVX-512 the
// linker could otherwise pick the AVX-512 copy. So kernels use plain loops, raw pointers and what
// is below, no containers; the build checks it (native/check-symbols.cmake).
#include <cstddef>
#include <cstdint>
#include <stdlib.h>

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
