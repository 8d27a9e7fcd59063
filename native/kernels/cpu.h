#pragma once
#include <cstddef>
#include <vector>

#include "kernels/kernel.h"

namespace neurometry {

// The kernels compiled for one instruction set.
struct Isa {
  const char* name;
  const KernelEntry* table;
  std::size_t count;
};

// The instruction set that this process uses: the last of availableIsas(), or the one that the
// environment variable NEUROMETRY_ISA names. Chosen at the first call.
// Throws std::runtime_error if that name is unknown or this processor lacks what it needs.
const Isa& chosenIsa();

// Names of the instruction sets that this processor can run, slowest first.
std::vector<const char*> availableIsas();

// The processor features, of those that kernels were compiled for, that this machine has.
std::vector<const char*> cpuFeatures();

}  // namespace neurometry
