#pragma once
#include <cstddef>
#include <cstdint>

// What every native kernel sees. This header is compiled once per instruction set (see simd.h),
// so nothing here may emit code that two instruction sets could share: plain data and
// always-inlined members only.
namespace neurometry {

class Pool;

// One operand: where it starts, and the elements from one row to the next.
// An optional operand that was left out has data == nullptr.
struct View {
  void* data;
  std::size_t stride;
};

// The operands, parameters and options of one kernel call, in the order of src/kernels/<name>.ts.
// Numbers cross as float64, which is exact for sizes up to 2^53.
struct Arguments {
  const View* views;
  const double* numbers;

  template <typename T>
  [[gnu::always_inline]] T* data(std::size_t index) const {
    return static_cast<T*>(views[index].data);
  }
  [[gnu::always_inline]] std::size_t stride(std::size_t index) const { return views[index].stride; }
  [[gnu::always_inline]] std::size_t size(std::size_t index) const { return static_cast<std::size_t>(numbers[index]); }
  [[gnu::always_inline]] float real(std::size_t index) const { return static_cast<float>(numbers[index]); }
};

// A kernel returns nullptr, or a sentence that says what it refused.
using KernelFunction = const char* (*)(const Arguments&, Pool&);

struct KernelEntry {
  const char* name;
  KernelFunction run;
};

}  // namespace neurometry
