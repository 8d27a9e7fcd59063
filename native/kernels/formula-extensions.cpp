// The best extensions of each neuron's formulas by one concept, by IoU with the neuron's mask N:
//
//   IoU(E) = |E ∧ N| / (|N| + |E| − |E ∧ N|),   E = F ∨ c, F ∧ c, F ∧ ¬c,   |c ∧ N| > 0, |E ∧ N| > 0
//
// Fractions are compared as products of integers, ties go to the lower slot, concept and operator, so that the answer
// is exact. |F ∧ c| and |F ∧ c ∧ N| give all three extensions. They are counted only where what is known before lets an
// extension reach the last of the best so far:
//
//   F ∨ c    at most min(|N|, |F∧N| + |c∧N|) / (|N| + max(|F∖N|, |c∖N|))
//   F ∧ c    at most min(|F∧N|, |c∧N|) / |N|
//   F ∧ ¬c   at most |F∧N| / (|N| + max(0, |F∖N| − |c∖N|))
//
// What is left to count is a quarter of a search (512 neurons, 800 concepts, 25,000 rows), and most of it of frequent
// concepts: counting rare ones only on the cache lines where they have rows left that share as it was, so counts are
// neither gathered nor kept from neuron to neuron.
//
// One task is one neuron: its formulas from the best one down, concepts that share many rows with N first.
#include "kernels/overlap-adders.h"
#include "kernels/simd.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::uint32_t kNone = 0xffffffffu;
constexpr std::size_t kHead = 2;     // numbers of a slot before its chain
constexpr std::size_t kRow = 16;     // 32-bit words of a cache line
constexpr double kMargin = 1 - 1e-12;  // rounding of a bound

struct Extension {
  std::uint64_t rank;  // (slot · concepts + concept) · 3 + operator
  std::uint32_t both, size, either;
};

struct Counts {
  std::uint32_t both, size;
};

struct Sizes {
  std::size_t concepts, words, beam, length;
};

// What one task works with; the pointers are into its thread's memory.
struct Task {
  std::uint32_t* formula;      // words of F, padded with zeros to whole cache lines
  std::uint32_t* formulaMask;  // words of F ∧ N
  std::uint32_t* order;        // concepts with |c ∧ N| > 0, those with many first
  std::size_t active;
  Extension* best;
  std::size_t found;
  double floor;  // what an extension must reach to matter
};

[[gnu::always_inline]] inline std::size_t lines(std::size_t words) { return (words + kRow - 1) / kRow * kRow; }

[[gnu::always_inline]] inline bool precedes(const Extension& a, const Extension& b) {
  const std::uint64_t left = std::uint64_t{a.both} * b.either, right = std::uint64_t{b.both} * a.either;
  return left != right ? left > right : a.rank < b.rank;
}

void offer(Task& task, std::size_t beam, const Extension& candidate) {
  if (candidate.both == 0) return;
  if (task.found == beam && !precedes(candidate, task.best[beam - 1])) return;
  std::size_t at = task.found < beam ? task.found++ : beam - 1;
  for (; at > 0 && precedes(candidate, task.best[at - 1]); at--) task.best[at] = task.best[at - 1];
  task.best[at] = candidate;
  if (task.found < beam) return;
  const Extension& last = task.best[beam - 1];
  task.floor = static_cast<double>(last.both) / static_cast<double>(last.either) * kMargin;
}

// |F ∧ c ∧ N| and |F ∧ c|.
Counts count(const Task& task, const std::uint32_t* concept_, std::size_t words) {
#if defined(__AVX512VPOPCNTDQ__)
  __m512i both = _mm512_setzero_si512(), size = both;
  for (std::size_t w = 0; w < words; w += 16) {
    const __mmask16 some = words - w >= 16 ? 0xffffu : static_cast<__mmask16>((1u << (words - w)) - 1);
    const __m512i bits = _mm512_maskz_loadu_epi32(some, concept_ + w);
    size = _mm512_add_epi64(size, _mm512_popcnt_epi64(_mm512_and_si512(bits, _mm512_load_si512(task.formula + w))));
    both = _mm512_add_epi64(both, _mm512_popcnt_epi64(_mm512_and_si512(bits, _mm512_load_si512(task.formulaMask + w))));
  }
  return {static_cast<std::uint32_t>(_mm512_reduce_add_epi64(both)), static_cast<std::uint32_t>(_mm512_reduce_add_epi64(size))};
#else
  return {countShared(task.formulaMask, concept_, words), countShared(task.formula, concept_, words)};
#endif
}

// The bits of a chain and of its rows in the mask.
void buildFormula(Task& task, const std::uint32_t* chain, std::size_t length, const std::uint32_t* concepts, std::size_t stride,
                  const std::uint32_t* mask, std::size_t words) {
  for (std::size_t link = 0; link < length && chain[link] != kNone; link++) {
    const std::uint32_t* bits = concepts + (chain[link] >> 2) * stride;
    const std::uint32_t kind = link == 0 ? 3 : chain[link] & 3;
    std::uint32_t* formula = task.formula;
    if (kind == 3) __builtin_memcpy(formula, bits, words * sizeof(std::uint32_t));
    else if (kind == 0) for (std::size_t w = 0; w < words; w++) formula[w] |= bits[w];
    else if (kind == 1) for (std::size_t w = 0; w < words; w++) formula[w] &= bits[w];
    else for (std::size_t w = 0; w < words; w++) formula[w] &= ~bits[w];
  }
  for (std::size_t w = 0; w < words; w++) task.formulaMask[w] = task.formula[w] & mask[w];
}

// Lists the concepts that share rows with the mask by the number of digits of how many, the most first.
void orderConcepts(Task& task, const std::uint32_t* shared, std::size_t concepts) {
  std::size_t starts[34] = {};
  const auto digits = [&](std::size_t c) { return static_cast<std::size_t>(__builtin_clz(shared[c])); };
  for (std::size_t c = 0; c < concepts; c++) {
    if (shared[c] != 0) starts[digits(c) + 1]++;
  }
  for (std::size_t d = 1; d < 34; d++) starts[d] += starts[d - 1];
  task.active = starts[33];
  for (std::size_t c = 0; c < concepts; c++) {
    if (shared[c] != 0) task.order[starts[digits(c)]++] = static_cast<std::uint32_t>(c);
  }
}

// Whether some extension of a formula by a concept may still matter.
[[gnu::always_inline]] inline bool mayMatter(double floor, double mask, Counts formula, Counts own) {
  const double a = formula.both, s = own.both;
  const double outside = static_cast<double>(formula.size) - a, ownOutside = static_cast<double>(own.size) - s;
  const double joined = a + s < mask ? a + s : mask;
  if (joined >= floor * (mask + (outside > ownOutside ? outside : ownOutside))) return true;
  if ((a < s ? a : s) >= floor * mask) return true;
  return a >= floor * (mask + (outside > ownOutside ? outside - ownOutside : 0));
}

}  // namespace

// masks [neurons × words], concepts [concepts × words], sizes [concepts], shared [neurons × concepts],
// maskSizes [neurons], formulas [neurons × beam · (length + 2)], out [neurons × beam · 4];
// neurons, concepts, words, beam, length
const char* formulaExtensions(const Arguments& arguments, Pool& pool) {
  const std::size_t neurons = arguments.size(0);
  const Sizes sizes = {arguments.size(1), arguments.size(2), arguments.size(3), arguments.size(4)};
  const std::uint32_t* concepts = arguments.data<const std::uint32_t>(1);
  const std::uint32_t* conceptSizes = arguments.data<const std::uint32_t>(2);
  const std::size_t conceptStride = arguments.stride(1), slotStride = sizes.length + kHead;
  const std::size_t bitBytes = lines(sizes.words) * sizeof(std::uint32_t);
  const std::size_t orderBytes = lines(sizes.concepts) * sizeof(std::uint32_t);
  const std::size_t bytes = 2 * bitBytes + orderBytes + sizes.beam * (sizeof(Extension) + sizeof(std::uint32_t));
  bool failed = false;

  parallel(pool, neurons, [&](std::size_t neuron) {
    char* memory = static_cast<char*>(threadMemory(bytes));
    if (!memory) return __atomic_store_n(&failed, true, __ATOMIC_RELAXED);
    Task task = {};
    task.formula = reinterpret_cast<std::uint32_t*>(memory);
    task.formulaMask = reinterpret_cast<std::uint32_t*>(memory + bitBytes);
    task.order = reinterpret_cast<std::uint32_t*>(memory + 2 * bitBytes);
    task.best = reinterpret_cast<Extension*>(memory + 2 * bitBytes + orderBytes);
    auto* slots = reinterpret_cast<std::uint32_t*>(task.best + sizes.beam);
    __builtin_memset(memory, 0, 2 * bitBytes);

    const std::uint32_t* mask = arguments.data<const std::uint32_t>(0) + neuron * arguments.stride(0);
    const std::uint32_t* shared = arguments.data<const std::uint32_t>(3) + neuron * arguments.stride(3);
    const std::uint32_t maskSize = arguments.data<const std::uint32_t>(4)[neuron];
    const std::uint32_t* formulas = arguments.data<const std::uint32_t>(5) + neuron * arguments.stride(5);
    orderConcepts(task, shared, sizes.concepts);
    std::size_t used = 0;
    for (std::size_t slot = 0; slot < sizes.beam; slot++) {
      const std::uint32_t* own = formulas + slot * slotStride;
      if (own[0] == 0) continue;
      std::size_t at = used++;
      for (; at > 0; at--) {
        const std::uint32_t* other = formulas + slots[at - 1] * slotStride;
        const std::uint64_t left = std::uint64_t{own[0]} * (maskSize + other[1] - other[0]);
        if (left <= std::uint64_t{other[0]} * (maskSize + own[1] - own[0])) break;
        slots[at] = slots[at - 1];
      }
      slots[at] = static_cast<std::uint32_t>(slot);
    }

    for (std::size_t i = 0; i < used; i++) {
      const std::uint32_t* own = formulas + slots[i] * slotStride;
      const Counts formula = {own[0], own[1]};
      buildFormula(task, own + kHead, sizes.length, concepts, conceptStride, mask, sizes.words);
      for (std::size_t j = 0; j < task.active; j++) {
        const std::uint32_t c = task.order[j];
        const Counts single = {shared[c], conceptSizes[c]};
        if (!mayMatter(task.floor, maskSize, formula, single)) continue;
        const Counts joint = count(task, concepts + c * conceptStride, sizes.words);
        const Counts extended[3] = {{formula.both + single.both - joint.both, formula.size + single.size - joint.size},
                                    joint,
                                    {formula.both - joint.both, formula.size - joint.size}};
        const std::uint64_t rank = (std::uint64_t{slots[i]} * sizes.concepts + c) * 3;
        for (std::size_t kind = 0; kind < 3; kind++) {
          const auto [both, size] = extended[kind];
          offer(task, sizes.beam, {rank + kind, both, size, maskSize + size - both});
        }
      }
    }

    std::uint32_t* out = arguments.data<std::uint32_t>(6) + neuron * arguments.stride(6);
    for (std::size_t i = 0; i < sizes.beam; i++, out += 4) {
      const bool there = i < task.found;
      const std::uint64_t rank = there ? task.best[i].rank : 0, pair = rank / 3;
      out[0] = there ? static_cast<std::uint32_t>(pair / sizes.concepts * 4 + rank % 3) : kNone;
      out[1] = there ? static_cast<std::uint32_t>(pair % sizes.concepts) : kNone;
      out[2] = there ? task.best[i].both : 0;
      out[3] = there ? task.best[i].size : 0;
    }
  });
  return failed ? "out of memory" : nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
