// Average precision of every sorted column for every concept, of the values and of their negatives.
//
//   AP = Σ_k (R_k − R_{k−1}) P_k over the distinct values, largest first; equal values form one threshold
//   out[column, concept] = positives · AP(a) and positives · AP(−a), each as a pair of float32 whose sum it is
//
// Bit b of labels[w, row] says that the row has concept 32w + b. One task scans one column once, in float64, for
// all concepts and both directions: only positive rows cost anything.
#include "kernels/simd.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

struct Tally {
  double forward, backward;     // Σ (positives at a threshold) · precision, from the top and from the bottom
  std::uint32_t seen, positives;
  std::uint32_t tied;           // positives among the equal values at hand
};

struct Labels {
  const std::uint32_t* words;   // [rows × perRow]
  std::size_t perRow;
};

template <typename Body>
[[gnu::always_inline]] inline void eachConcept(const Labels& labels, std::size_t row, const Body& body) {
  const std::uint32_t* words = labels.words + row * labels.perRow;
  for (std::size_t w = 0; w < labels.perRow; w++) {
    for (std::uint32_t rest = words[w]; rest != 0; rest &= rest - 1) {
      body(w * 32 + static_cast<std::size_t>(__builtin_ctz(rest)));
    }
  }
}

// Adds the threshold at ranks start … end − 1 of one column; `touched` has room for every concept.
[[gnu::always_inline]] inline void addTies(const Labels& labels, const std::uint32_t* sorted, std::size_t start,
                                           std::size_t end, std::size_t rows, Tally* tallies, std::uint32_t* touched) {
  std::size_t count = 0;
  for (std::size_t k = start; k < end; k++) {
    eachConcept(labels, sorted[2 * k], [&](std::size_t label) {
      if (tallies[label].tied++ == 0) touched[count++] = static_cast<std::uint32_t>(label);
    });
  }
  const double above = 1.0 / static_cast<double>(end), below = 1.0 / static_cast<double>(rows - start);
  for (std::size_t i = 0; i < count; i++) {
    Tally& tally = tallies[touched[i]];
    const double tied = tally.tied;
    tally.backward += tied * (tally.positives - tally.seen) * below;
    tally.seen += tally.tied;
    tally.forward += tied * tally.seen * above;
    tally.tied = 0;
  }
}

void scanColumn(const Labels& labels, const std::uint32_t* sorted, std::size_t rows, Tally* tallies,
                std::uint32_t* touched) {
  for (std::size_t start = 0, end; start < rows; start = end) {
    const std::uint32_t key = sorted[2 * start + 1];
    for (end = start + 1; end < rows && sorted[2 * end + 1] == key;) end++;
    if (end > start + 1) {
      addTies(labels, sorted, start, end, rows, tallies, touched);
      continue;
    }
    const double above = 1.0 / static_cast<double>(end), below = 1.0 / static_cast<double>(rows - start);
    eachConcept(labels, sorted[2 * start], [&](std::size_t label) {
      Tally& tally = tallies[label];
      tally.backward += (tally.positives - tally.seen) * below;
      tally.seen++;
      tally.forward += tally.seen * above;
    });
  }
}

void storePair(float* to, double sum) {
  to[0] = static_cast<float>(sum);
  to[1] = static_cast<float>(sum - to[0]);
}

}  // namespace

// sorted [columns × 2·rows], labels [⌈concepts/32⌉ × rows], positives [concepts], out [columns × 4·concepts];
// rows, columns, concepts
const char* averagePrecision(const Arguments& arguments, Pool& pool) {
  const std::size_t rows = arguments.size(0), columns = arguments.size(1), concepts = arguments.size(2);
  const std::uint32_t* given = arguments.data<const std::uint32_t>(1);
  const std::uint32_t* positives = arguments.data<const std::uint32_t>(2);
  const std::size_t perRow = (concepts + 31) / 32;
  const Scratch<std::uint32_t> words(rows * perRow);
  if (!words.data) return "out of memory";
  parallel(pool, (rows + 4095) / 4096, [&](std::size_t task) {
    const std::size_t end = (task + 1) * 4096 < rows ? (task + 1) * 4096 : rows;
    for (std::size_t row = task * 4096; row < end; row++) {
      for (std::size_t w = 0; w < perRow; w++) words[row * perRow + w] = given[w * arguments.stride(1) + row];
    }
  });

  bool failed = false;
  parallel(pool, columns, [&](std::size_t column) {
    const Scratch<Tally> tallies(concepts);
    const Scratch<std::uint32_t> touched(concepts);
    if (!tallies.data || !touched.data) return __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
    for (std::size_t c = 0; c < concepts; c++) tallies[c] = {0, 0, 0, positives[c], 0};
    const std::uint32_t* sorted = arguments.data<const std::uint32_t>(0) + column * arguments.stride(0);
    scanColumn({words.data, perRow}, sorted, rows, tallies.data, touched.data);
    float* out = arguments.data<float>(3) + column * arguments.stride(3);
    for (std::size_t c = 0; c < concepts; c++) {
      storePair(out + 4 * c, tallies[c].forward);
      storePair(out + 4 * c + 2, tallies[c].backward);
    }
  });
  return failed ? "out of memory" : nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
