#pragma once
#include <memory>
#include <span>
#include <vector>

#include "binding/memory.h"
#include "kernels/kernel.h"

namespace binding {

// A compiled plan: a list of kernel calls over numbered slots of memory. It crosses from
// JavaScript once, as one array of numbers, which src/device/encode.ts writes:
//
//   arena bytes, 1 to fill the arena with NaN before each run, steps, then per step
//     kernel, operands, per operand: slot, constant, parameter, factor, stride
//     numbers, per number: parameter, value
//
// Slot −1 is an operand that was left out and slot −2 the arena; parameter −1 means none. An
// operand starts at constant + factor · parameter elements of its slot.
class Program {
 public:
  Program(std::span<const double> code, const neurometry::KernelEntry* table);

  // Runs every step; slots says where each slot starts. Throws what a kernel refuses.
  void run(std::span<std::byte* const> slots, std::span<const double> parameters, neurometry::Pool& pool) const;

 private:
  struct Operand {
    int slot;
    std::size_t constant;
    int parameter;
    std::size_t factor;
    std::size_t stride;
  };
  struct Number {
    int parameter;
    double value;
  };
  struct Step {
    const neurometry::KernelEntry* kernel;
    std::vector<Operand> operands;
    std::vector<Number> numbers;
  };

  std::byte* locate(const Operand& operand, std::span<std::byte* const> slots, std::span<const double> parameters) const;

  std::shared_ptr<Memory> arena_;
  bool poison_;
  std::vector<Step> steps_;
};

}  // namespace binding
