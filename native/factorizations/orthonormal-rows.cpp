// Gram–Schmidt by blocks: a block of rows is made orthonormal row by row, then taken out of all rows behind it, two of
// them at a time. rows² · columns multiplications, each followed by an addition (never fused: see CMakeLists.txt).
#include "factorizations/orthonormal-rows.h"

#include <algorithm>
#include <cmath>

namespace neurometry {
namespace {

constexpr std::size_t kBlock = 32;
constexpr std::size_t kTaskRows = 8;

// Two float64, which every 64-bit instruction set has; sums keep four lanes, in two of these.
typedef double Pair __attribute__((vector_size(16)));

inline Pair load(const double* from) {
  Pair value;
  __builtin_memcpy(&value, from, sizeof(value));
  return value;
}
inline void store(double* to, Pair value) { __builtin_memcpy(to, &value, sizeof(value)); }

// out[2 · i + j] = a[i] · b[j]
void dots(const double* const a[2], const double* const b[2], std::size_t columns, double out[4]) {
  Pair sums[4][2] = {};
  std::size_t k = 0;
  for (; k + 4 <= columns; k += 4) {
    for (std::size_t half = 0; half < 2; half++) {
      const Pair a0 = load(a[0] + k + 2 * half), a1 = load(a[1] + k + 2 * half);
      const Pair b0 = load(b[0] + k + 2 * half), b1 = load(b[1] + k + 2 * half);
      sums[0][half] += a0 * b0;
      sums[1][half] += a0 * b1;
      sums[2][half] += a1 * b0;
      sums[3][half] += a1 * b1;
    }
  }
  for (std::size_t i = 0; i < 4; i++) {
    const Pair both = sums[i][0] + sums[i][1];
    out[i] = both[0] + both[1];
    for (std::size_t rest = k; rest < columns; rest++) out[i] += a[i / 2][rest] * b[i % 2][rest];
  }
}

// rows[r] −= Σ shares[r][j] · basis[j], in the order of j, for one or two rows that share what is read.
template <std::size_t Rows>
void takeOut(double* const* rows, const double* const* shares, const double* basis, std::size_t count, std::size_t columns) {
  std::size_t k = 0;
  for (; k + 8 <= columns; k += 8) {
    Pair parts[Rows][4];
    for (std::size_t r = 0; r < Rows; r++) {
      for (std::size_t i = 0; i < 4; i++) parts[r][i] = load(rows[r] + k + 2 * i);
    }
    for (std::size_t j = 0; j < count; j++) {
      const double* other = basis + j * columns + k;
      for (std::size_t i = 0; i < 4; i++) {
        const Pair value = load(other + 2 * i);
        for (std::size_t r = 0; r < Rows; r++) parts[r][i] -= Pair{shares[r][j], shares[r][j]} * value;
      }
    }
    for (std::size_t r = 0; r < Rows; r++) {
      for (std::size_t i = 0; i < 4; i++) store(rows[r] + k + 2 * i, parts[r][i]);
    }
  }
  for (; k < columns; k++) {
    for (std::size_t r = 0; r < Rows; r++) {
      for (std::size_t j = 0; j < count; j++) rows[r][k] -= shares[r][j] * basis[j * columns + k];
    }
  }
}

double dot(const double* a, const double* b, std::size_t columns) {
  const double* left[2] = {a, a};
  const double* right[2] = {b, b};
  double out[4];
  dots(left, right, columns, out);
  return out[0];
}

void orthonormalizeBlock(double* block, std::size_t count, std::size_t columns) {
  for (std::size_t i = 0; i < count; i++) {
    double* row = block + i * columns;
    const double length = std::sqrt(dot(row, row, columns));
    for (std::size_t k = 0; k < columns; k++) row[k] /= length;
    for (std::size_t j = i + 1; j < count; j++) {
      double* other = block + j * columns;
      const double share = dot(row, other, columns);
      const double* shares[1] = {&share};
      takeOut<1>(&other, shares, row, 1, columns);
    }
  }
}

// Takes a block of `count` orthonormal rows out of one or two others.
void takeBlockOut(double* const rows[2], const double* block, std::size_t count, std::size_t columns) {
  double shares[2][kBlock];
  const double* others[2] = {rows[0], rows[1]};
  for (std::size_t j = 0; j < count; j += 2) {
    const std::size_t next = std::min(j + 1, count - 1);
    const double* own[2] = {block + j * columns, block + next * columns};
    double out[4];
    dots(others, own, columns, out);
    shares[0][j] = out[0];
    shares[0][next] = out[1];
    shares[1][j] = out[2];
    shares[1][next] = out[3];
  }
  const double* const both[2] = {shares[0], shares[1]};
  if (rows[1] == rows[0]) return takeOut<1>(rows, both, block, count, columns);
  takeOut<2>(rows, both, block, count, columns);
}

}  // namespace

void orthonormalizeRows(double* matrix, std::size_t rows, std::size_t columns, Pool& pool) {
  for (std::size_t first = 0; first < rows; first += kBlock) {
    double* block = matrix + first * columns;
    const std::size_t count = std::min(kBlock, rows - first), behind = first + count;
    orthonormalizeBlock(block, count, columns);
    const auto task = [&](std::size_t index) {
      const std::size_t end = std::min(rows, behind + (index + 1) * kTaskRows);
      for (std::size_t row = behind + index * kTaskRows; row < end; row += 2) {
        double* const pair[2] = {matrix + row * columns, matrix + std::min(row + 1, end - 1) * columns};
        takeBlockOut(pair, block, count, columns);
      }
    };
    pool.run((rows - behind + kTaskRows - 1) / kTaskRows,
             [](void* context, std::size_t index) { (*static_cast<decltype(task)*>(context))(index); },
             const_cast<void*>(static_cast<const void*>(&task)));
  }
}

}  // namespace neurometry
