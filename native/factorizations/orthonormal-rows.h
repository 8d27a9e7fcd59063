#pragma once
#include <cstddef>

#include "kernels/pool.h"

namespace neurometry {

// Makes the rows of a matrix (rows × columns, rows ≤ columns, independent of each other) orthonormal, each by what the
// rows before it leave of it. Every sum has one order: the same bits on any number of threads and any instruction set.
void orthonormalizeRows(double* matrix, std::size_t rows, std::size_t columns, Pool& pool);

}  // namespace neurometry
