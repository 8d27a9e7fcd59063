#include "kernels/cpu.h"

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

namespace neurometry {

// Defined once per instruction set by the generated table.cpp.
#define NEUROMETRY_DECLARE_TABLE(isa)    \
  namespace isa {                        \
  extern const KernelEntry kernelTable[]; \
  extern const std::size_t kernelCount;  \
  }
NEUROMETRY_DECLARE_TABLE(plain)
#if defined(__x86_64__)
NEUROMETRY_DECLARE_TABLE(avx2)
NEUROMETRY_DECLARE_TABLE(avx512)
#endif

namespace {

struct Feature {
  const char* name;
  bool present;
};

#if defined(__x86_64__)

// What the compiler flags of CMakeLists.txt let each variant use; the operating system must save the registers too.
const std::vector<Feature>& avx2Features() {
  static const std::vector<Feature> features = {
      {"avx2", __builtin_cpu_supports("avx2") != 0},   {"fma", __builtin_cpu_supports("fma") != 0},
      {"f16c", __builtin_cpu_supports("f16c") != 0},   {"bmi", __builtin_cpu_supports("bmi") != 0},
      {"bmi2", __builtin_cpu_supports("bmi2") != 0},   {"popcnt", __builtin_cpu_supports("popcnt") != 0},
      {"lzcnt", __builtin_cpu_supports("lzcnt") != 0},
  };
  return features;
}

const std::vector<Feature>& avx512Features() {
  static const std::vector<Feature> features = {
      {"avx512f", __builtin_cpu_supports("avx512f") != 0},
      {"avx512bw", __builtin_cpu_supports("avx512bw") != 0},
      {"avx512cd", __builtin_cpu_supports("avx512cd") != 0},
      {"avx512dq", __builtin_cpu_supports("avx512dq") != 0},
      {"avx512vl", __builtin_cpu_supports("avx512vl") != 0},
      {"avx512vpopcntdq", __builtin_cpu_supports("avx512vpopcntdq") != 0},
  };
  return features;
}

#endif

const char* firstMissing(const std::vector<Feature>& features) {
  for (const Feature& feature : features) {
    if (!feature.present) return feature.name;
  }
  return nullptr;
}

struct Candidate {
  Isa isa;
  const char* missing;  // the first feature this processor lacks, or nullptr
};

const std::vector<Candidate>& candidates() {
  static const std::vector<Candidate> all = [] {
    std::vector<Candidate> list = {{{"plain", plain::kernelTable, plain::kernelCount}, nullptr}};
#if defined(__x86_64__)
    const char* withoutAvx2 = firstMissing(avx2Features());
    list.push_back({{"avx2", avx2::kernelTable, avx2::kernelCount}, withoutAvx2});
    const char* withoutAvx512 = withoutAvx2 ? withoutAvx2 : firstMissing(avx512Features());
    list.push_back({{"avx512", avx512::kernelTable, avx512::kernelCount}, withoutAvx512});
#endif
    return list;
  }();
  return all;
}

const Isa& named(const char* name) {
  std::string known;
  for (const Candidate& candidate : candidates()) {
    if (std::strcmp(candidate.isa.name, name) == 0) {
      if (candidate.missing == nullptr) return candidate.isa;
      throw std::runtime_error("Expected an instruction set that this processor has for NEUROMETRY_ISA but received " +
                               std::string(name) + ", which needs " + candidate.missing);
    }
    known += (known.empty() ? "" : ", ") + std::string(candidate.isa.name);
  }
  throw std::runtime_error("Expected one of " + known + " for NEUROMETRY_ISA but received \"" + name + "\"");
}

const Isa& fastest() {
  const Isa* best = nullptr;
  for (const Candidate& candidate : candidates()) {
    if (candidate.missing == nullptr) best = &candidate.isa;
  }
  return *best;
}

}  // namespace

const Isa& chosenIsa() {
  static const Isa& chosen = [&]() -> const Isa& {
    const char* forced = std::getenv("NEUROMETRY_ISA");
    return forced != nullptr && *forced != '\0' ? named(forced) : fastest();
  }();
  return chosen;
}

std::vector<const char*> availableIsas() {
  std::vector<const char*> names;
  for (const Candidate& candidate : candidates()) {
    if (candidate.missing == nullptr) names.push_back(candidate.isa.name);
  }
  return names;
}

std::vector<const char*> cpuFeatures() {
  std::vector<const char*> names;
#if defined(__x86_64__)
  for (const auto* features : {&avx2Features(), &avx512Features()}) {
    for (const Feature& feature : *features) {
      if (feature.present) names.push_back(feature.name);
    }
  }
#endif
  return names;
}

}  // namespace neurometry
