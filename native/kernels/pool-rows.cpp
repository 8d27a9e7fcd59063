// Groups of rows reduced to one row each: tokens to words or sentences.
//
// Group g is the rows starts[g] … ends[g] − 1, or, with members, the rows members[starts[g]] …
// members[ends[g] − 1]; groups may overlap. Kinds: 0 first, 1 last, 2 mean, 3 max. An empty group
// gives zeros. Means are accumulated in float64. One task per block of groups.
#include "kernels/lanes.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

enum Kind : std::size_t { kFirst, kLast, kMean, kMax };

constexpr std::size_t kStrip = 512;

// The mean of columns first … first + count − 1 of the group's rows.
template <typename RowAt>
[[gnu::always_inline]] inline void meanStrip(const RowAt& rowAt, std::size_t begin, std::size_t end, std::size_t first, std::size_t count, float* to) {
  double sums[kStrip] = {};
  for (std::size_t k = begin; k < end; k++) {
    const float* from = rowAt(k) + first;
    for (std::size_t c = 0; c < count; c++) sums[c] += from[c];
  }
  const double size = static_cast<double>(end - begin);
  for (std::size_t c = 0; c < count; c++) to[first + c] = static_cast<float>(sums[c] / size);
}

template <typename RowAt>
[[gnu::always_inline]] inline void poolGroup(const RowAt& rowAt, std::size_t begin, std::size_t end, std::size_t width, std::size_t kind, float* to) {
  if (begin == end) {
    __builtin_memset(to, 0, width * sizeof(float));
    return;
  }
  if (kind == kMean) {
    for (std::size_t first = 0; first < width; first += kStrip) meanStrip(rowAt, begin, end, first, smaller(kStrip, width - first), to);
    return;
  }
  __builtin_memcpy(to, rowAt(kind == kLast ? end - 1 : begin), width * sizeof(float));
  if (kind != kMax) return;
  for (std::size_t k = begin + 1; k < end; k++) {
    const float* from = rowAt(k);
    for (std::size_t c = 0; c < width; c++) to[c] = from[c] > to[c] ? from[c] : to[c];
  }
}

// How many rows all groups have; SIZE_MAX where one of them is not a row of the matrix.
std::size_t countMembers(const std::uint32_t* starts, const std::uint32_t* ends, const std::uint32_t* members, std::size_t groups, std::size_t rows) {
  std::size_t total = 0;
  for (std::size_t g = 0; g < groups; g++) {
    if (starts[g] > ends[g] || (!members && ends[g] > rows)) return SIZE_MAX;
    total += ends[g] - starts[g];
    for (std::size_t k = starts[g]; members && k < ends[g]; k++) {
      if (members[k] >= rows) return SIZE_MAX;
    }
  }
  return total;
}

}  // namespace

const char* poolRows(const Arguments& arguments, Pool& pool) {
  const auto* x = arguments.data<const float>(0);
  const auto* starts = arguments.data<const std::uint32_t>(1);
  const auto* ends = arguments.data<const std::uint32_t>(2);
  const auto* members = arguments.data<const std::uint32_t>(3);
  auto* out = arguments.data<float>(4);
  const std::size_t groups = arguments.size(0), width = arguments.size(1), sourceRows = arguments.size(2), kind = arguments.size(3);
  const std::size_t total = countMembers(starts, ends, members, groups, sourceRows);
  if (total == SIZE_MAX) return "a group has a row past the end of the matrix, or ends before it starts";

  const std::size_t stride = arguments.stride(0);
  overRows(pool, groups, width * (1 + total / larger(1, groups)), 1 << 15, [&](std::size_t begin, std::size_t end) {
    for (std::size_t g = begin; g < end; g++) {
      const auto rowAt = [&](std::size_t k) { return x + (members ? members[k] : k) * stride; };
      poolGroup(rowAt, starts[g], ends[g], width, kind, out + g * arguments.stride(4));
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
