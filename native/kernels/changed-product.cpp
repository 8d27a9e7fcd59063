// The product of rows that differ in a few columns from rows whose product is known:
//
//   out[i, j] = known[r, j] + Σ_k (a[i, k] − before[r, k])·b[k, j],  r = index[i]
//
// over the k in which a[i] and before[r] differ by a bit, in order of k, in float32; shares[i] = (1, Σ_k (a[i, k] − before[r, k])).
// Operands: a, before, known, index, b, out, shares?. Numbers: rows, inner, columns, sourceRows, changed, layout of b (0: columns ×
// inner, 1: inner × columns, 2: packed, see weights-of.h). More than `changed` differences in a row are refused.
// One task per block of rows; what differs is found by comparing pieces of memory.
#include "kernels/lanes.h"
#include "kernels/weights-of.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kPiece = 128;  // values that are compared at once

// A column of a row that differs, and by how much.
struct Change {
  std::size_t k;
  float difference;
};

// Lists what differs; one more than `most` where there is more.
[[gnu::always_inline]] inline std::size_t findChanges(const float* a, const float* before, std::size_t inner, std::size_t most, Change* changes) {
  std::size_t found = 0;
  for (std::size_t start = 0; start < inner; start += kPiece) {
    const std::size_t end = least(inner, start + kPiece);
    if (__builtin_memcmp(a + start, before + start, (end - start) * sizeof(float)) == 0) continue;
    for (std::size_t k = start; k < end; k++) {
      if (__builtin_memcmp(a + k, before + k, sizeof(float)) == 0) continue;
      if (found == most) return most + 1;
      changes[found++] = {k, a[k] - before[k]};
    }
  }
  return found;
}

[[gnu::always_inline]] inline float sumOf(const Change* changes, std::size_t count) {
  float sum = 0;
  for (std::size_t c = 0; c < count; c++) sum += changes[c].difference;
  return sum;
}

[[gnu::always_inline]] inline void addChanges(const Weights& b, const Change* changes, std::size_t count, const float* known, float* out) {
  float copy[kPanel];
  for (std::size_t first = 0; first < b.columns; first += kPanel) {
    const std::size_t wide = least(kPanel, b.columns - first);
    constexpr std::size_t parts = kPanel / kLanes;
    const auto own = [&](std::size_t p) { return p * kLanes < wide ? least(kLanes, wide - p * kLanes) : 0; };
    Floats sums[parts];
    for (std::size_t p = 0; p < parts; p++) sums[p] = own(p) ? loadPart(known + first + p * kLanes, own(p)) : Floats{};
    for (std::size_t c = 0; c < count; c++) {
      const float* weights = weightsOf(b, changes[c].k, first, wide, copy);
      const Floats difference = splat(changes[c].difference);
      for (std::size_t p = 0; p < parts; p++) {
        if (own(p)) sums[p] += difference * loadPart(weights + p * kLanes, own(p));
      }
    }
    for (std::size_t p = 0; p < parts; p++) {
      if (own(p)) storePart(out + first + p * kLanes, sums[p], own(p));
    }
  }
}

}  // namespace

const char* changedProduct(const Arguments& arguments, Pool& pool) {
  const auto* a = arguments.data<const float>(0);
  const auto* before = arguments.data<const float>(1);
  const auto* known = arguments.data<const float>(2);
  const auto* index = arguments.data<const std::uint32_t>(3);
  auto* out = arguments.data<float>(5);
  auto* shares = arguments.data<float>(6);
  const std::size_t rows = arguments.size(0), inner = arguments.size(1), columns = arguments.size(2), sourceRows = arguments.size(3);
  const std::size_t most = least(inner, arguments.size(4));
  const Weights b = {arguments.data<const float>(4), arguments.stride(4), inner, columns, arguments.size(5)};
  for (std::size_t i = 0; i < rows; i++) {
    if (index[i] >= sourceRows) return "a row number is past the end of the matrix";
  }

  bool excess = false;
  overRows(pool, rows, inner + columns, 1 << 16, [&](std::size_t begin, std::size_t end) {
    auto* changes = static_cast<Change*>(threadMemory((most + 1) * sizeof(Change)));
    for (std::size_t i = begin; i < end; i++) {
      const std::size_t r = index[i];
      const std::size_t count = findChanges(a + i * arguments.stride(0), before + r * arguments.stride(1), inner, most, changes);
      if (count > most) return __atomic_store_n(&excess, true, __ATOMIC_RELAXED);
      if (shares) {
        shares[i * arguments.stride(6)] = 1;
        shares[i * arguments.stride(6) + 1] = sumOf(changes, count);
      }
      addChanges(b, changes, count, known + r * arguments.stride(2), out + i * arguments.stride(5));
    }
  });
  return excess ? "more columns of a row differ than were announced" : nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
