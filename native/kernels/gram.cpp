// Adds one block of rows to central sums of products:
//
//   sums[i, j] += Σ_t (x[t, i] − shift[i])·(y[t, j] − otherShift[j])     float64, in pairs of u32
//   totals[i]  += (Σ_t d, Σ_t d²) of d = x[t, i] − shift[i]              float64, likewise
//
// Without y it is x, and only j ≥ i is complete. Sums are float32 over chains of at most `chain` ≤ 384 rows and
// float64 between chains: with shifts near the means, and short chains while rows are few, r is right to 1e-7.
// Operands: x, y?, shift, otherShift?, sums, totals, otherTotals?. Numbers: rows, columns, others, chain.
#include "kernels/shifted-products.h"

namespace neurometry::NEUROMETRY_ISA {

const char* gram(const Arguments& arguments, Pool& pool) {
  const std::size_t rows = arguments.size(0), chain = arguments.size(3);
  const Side x = {arguments.data<float>(0), arguments.stride(0), arguments.data<float>(2), arguments.data<double>(5), arguments.size(1)};
  const Side y = {arguments.data<float>(1), arguments.stride(1), arguments.data<float>(3), arguments.data<double>(6), arguments.size(2)};
  const bool symmetric = y.data == nullptr;
  const Products products = {x, symmetric ? x : y, symmetric, arguments.data<double>(4), arguments.stride(4) / 2, chain};
  if (chain == 0) return "a chain of 0 rows sums nothing";
  if (products.x.columns == 0 || products.y.columns == 0) return nullptr;
  float* packed = static_cast<float*>(threadMemory(packedFloats(products, rows) * sizeof(float)));
  if (packed == nullptr) return "no memory is left to pack a few hundred rows";
  addProducts(pool, products, rows, packed);
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
