// For every column of x the `count` columns of y with the largest |r| (option signed: r), best first, ties to the lower
// column. Without y it is x, without the column itself, and a sum feeds the lists of both its columns. Places that no
// column takes hold 2^32 − 1 and 0. Means and squares are found in passing; what a GPU is told of them is not read.
// Operands: x, y?, centre?, scale?, otherCentre?, otherScale?, indices, values. Numbers: rows, columns, others, count,
// splits (always 1 here), symmetric, signed.
//
// Square after square of 2,048 columns by as many, all rows are summed (see shifted-products.h); then each list is
// offered what passes its bar. A list belongs to one task, and is the same whatever the order of offers.
#include "kernels/shifted-products.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

constexpr std::size_t kSquare = 2048;     // columns: its sums take 33 MB
constexpr std::size_t kShiftRows = 1000;  // rows whose mean is subtracted before anything is summed
constexpr std::size_t kShiftColumns = 64;
constexpr std::size_t kRowLists = 16;      // lists that one task offers to: of the columns of x
constexpr std::size_t kColumnLists = 128;  // and of y
constexpr std::uint32_t kNobody = 0xffffffffu;

// The lists in the making: `bar` is the key that a full list asks for, −2 until then.
struct Lists {
  std::uint32_t* indices;
  float* values;
  std::size_t count;
  float* bar;
  bool isSigned;

  [[gnu::always_inline]] float key(float r) const { return isSigned ? r : __builtin_fabsf(r); }
};

// The columns first … of one operand, and what makes r of their sums.
struct Columns {
  Side side;
  std::size_t first;
  double* sum;    // Σ d
  double* scale;  // 1/√Σ(d − mean d)², 0 for constant columns
};

struct Square {
  Columns x, y;
  bool symmetric;
  const double* sums;
  std::size_t stride;
  double rows;
};

void offer(const Lists& lists, std::size_t list, std::size_t column, float r) {
  std::uint32_t* indices = lists.indices + list * lists.count;
  float* values = lists.values + list * lists.count;
  const float key = lists.key(r);
  const auto worse = [&](std::size_t at) {
    if (indices[at] == kNobody) return true;
    const float own = lists.key(values[at]);
    return own < key || (own == key && indices[at] > column);
  };
  std::size_t at = lists.count;
  for (; at > 0 && worse(at - 1); at--) {
    if (at == lists.count) continue;
    indices[at] = indices[at - 1];
    values[at] = values[at - 1];
  }
  if (at == lists.count) return;
  indices[at] = static_cast<std::uint32_t>(column);
  values[at] = r;
  const std::size_t last = lists.count - 1;
  if (indices[last] != kNobody) lists.bar[list] = lists.key(values[last]);
}

// to[j] = r of column i of x and column first + j of y, counted within the square; the same for (i, j) and (j, i).
[[gnu::always_inline]] inline void correlateRow(const Square& s, std::size_t i, std::size_t first, std::size_t count, float* to) {
  const double* sums = s.sums + i * s.stride + first;
  const double* sum = s.y.sum + first;
  const double* scale = s.y.scale + first;
  const double own = s.x.sum[i], ownScale = s.x.scale[i];
  for (std::size_t j = 0; j < count; j++) {
    const double r = (sums[j] - own * sum[j] / s.rows) * (ownScale * scale[j]);
    to[j] = static_cast<float>(r > 1 ? 1 : r < -1 ? -1 : r);
  }
}

// The lists of a few columns of x are offered all columns of y, those behind their own where y is x.
void offerRows(const Square& s, const Lists& lists, std::size_t task) {
  float r[kSquare];
  const std::size_t last = least(s.x.side.columns, (task + 1) * kRowLists);
  for (std::size_t i = task * kRowLists; i < last; i++) {
    const std::size_t first = s.symmetric ? i + 1 : 0;
    const std::size_t list = s.x.first + i, count = s.y.side.columns - first;
    correlateRow(s, i, first, count, r);
    for (std::size_t j = 0; j < count; j++) {
      if (lists.key(r[j]) >= lists.bar[list]) offer(lists, list, s.y.first + first + j, r[j]);
    }
  }
}

// The lists of a few columns of y are offered all columns of x, those before their own where y is x.
void offerColumns(const Square& s, const Lists& lists, std::size_t task) {
  float r[kColumnLists];
  const std::size_t last = least(s.y.side.columns, (task + 1) * kColumnLists);
  for (std::size_t i = 0; i < s.x.side.columns; i++) {
    const std::size_t first = s.symmetric && i + 1 > task * kColumnLists ? i + 1 : task * kColumnLists;
    if (first >= last) return;
    correlateRow(s, i, first, last - first, r);
    const std::size_t list = s.y.first + first;
    for (std::size_t j = 0; j < last - first; j++) {
      if (lists.key(r[j]) >= lists.bar[list + j]) offer(lists, list + j, s.x.first + i, r[j]);
    }
  }
}

void scaleColumns(const Columns& columns, double rows) {
  for (std::size_t j = 0; j < columns.side.columns; j++) {
    const double sum = columns.side.totals[2 * j], total = columns.side.totals[2 * j + 1];
    const double square = total - sum * sum / rows;
    columns.sum[j] = sum;
    columns.scale[j] = square > 1e-13 * total ? 1 / __builtin_sqrt(square) : 0;  // below that it is float64's rounding
  }
}

// shift[j] = mean of x[t, j] over the first thousand rows.
void findShift(Pool& pool, const float* x, std::size_t stride, std::size_t rows, std::size_t columns, float* shift) {
  const std::size_t sample = least(rows, kShiftRows);
  parallel(pool, ceilDivide(columns, kShiftColumns), [&](std::size_t task) {
    const std::size_t first = task * kShiftColumns, count = least(kShiftColumns, columns - first);
    double sums[kShiftColumns] = {};
    for (std::size_t t = 0; t < sample; t++) {
      for (std::size_t j = 0; j < count; j++) sums[j] += x[t * stride + first + j];
    }
    for (std::size_t j = 0; j < count; j++) shift[first + j] = static_cast<float>(sums[j] / static_cast<double>(sample));
  });
}

// One operand whole, cut into squares' sides as even as multiples of a panel allow.
struct Operand {
  const float* data;
  std::size_t stride, columns;
  const float* shift;
  std::size_t width, parts;

  Columns part(std::size_t index, double* scratch) const {
    const std::size_t first = index * width, count = least(width, columns - first);
    return {{data + first, stride, shift + first, scratch, count}, first, scratch + 2 * width, scratch + 3 * width};
  }
};

Operand cut(const float* data, std::size_t stride, std::size_t columns, const float* shift) {
  const std::size_t width = ceilDivide(ceilDivide(columns, ceilDivide(columns, kSquare)), kPanel) * kPanel;
  return {data, stride, columns, shift, width, ceilDivide(columns, width)};
}

}  // namespace

const char* topCorrelations(const Arguments& arguments, Pool& pool) {
  const std::size_t rows = arguments.size(0), columns = arguments.size(1), count = arguments.size(3);
  const bool symmetric = arguments.size(5) == 1;
  const std::size_t others = symmetric ? 0 : arguments.size(2);
  if (columns * count == 0) return nullptr;
  const Scratch<float> bars(columns), shifts(columns + others);
  if (bars.data == nullptr || shifts.data == nullptr) return "no memory is left for the lists' bars";
  const Lists lists = {arguments.data<std::uint32_t>(6), arguments.data<float>(7), count, bars.data, arguments.size(6) == 1};
  for (std::size_t i = 0; i < columns; i++) bars[i] = -2.0f;
  for (std::size_t at = 0; at < columns * count; at++) {
    lists.indices[at] = kNobody;
    lists.values[at] = 0.0f;
  }
  findShift(pool, arguments.data<float>(0), arguments.stride(0), rows, columns, shifts.data);
  if (others > 0) findShift(pool, arguments.data<float>(1), arguments.stride(1), rows, others, shifts.data + columns);
  const Operand x = cut(arguments.data<float>(0), arguments.stride(0), columns, shifts.data);
  const Operand y = symmetric ? x : cut(arguments.data<float>(1), arguments.stride(1), others, shifts.data + columns);

  const std::size_t stride = y.width + kPanel;  // no power of two, for the caches' sake
  const std::size_t doubles = x.width * stride + 4 * (x.width + y.width);
  const Products widest = {{nullptr, 0, nullptr, nullptr, x.width}, {nullptr, 0, nullptr, nullptr, y.width}, false, nullptr, 0, 0};
  double* const sums = static_cast<double*>(threadMemory(doubles * sizeof(double) + packedFloats(widest, rows) * sizeof(float)));
  if (sums == nullptr) return "no memory is left for the sums of a square of columns";
  double* const totals = sums + x.width * stride;
  const std::size_t chain = rows <= 1024 ? 32 : rows <= 8192 ? 128 : kSlab;  // its rounding in r stays below 1e-7: it averages out where rows are many
  for (std::size_t down = 0; down < x.parts; down++) {
    for (std::size_t across = symmetric ? down : 0; across < y.parts; across++) {
      const bool diagonal = symmetric && across == down;
      Square s = {x.part(down, totals), {}, diagonal, sums, stride, static_cast<double>(rows)};
      s.y = diagonal ? s.x : y.part(across, totals + 4 * x.width);
      parallel(pool, x.width, [&](std::size_t i) {
        for (std::size_t j = 0; j < stride; j++) sums[i * stride + j] = 0;
      });
      for (std::size_t at = 0; at < 4 * (x.width + y.width); at++) totals[at] = 0;
      addProducts(pool, {s.x.side, s.y.side, diagonal, sums, stride, chain}, rows, reinterpret_cast<float*>(sums + doubles));
      scaleColumns(s.x, s.rows);
      if (!diagonal) scaleColumns(s.y, s.rows);
      parallel(pool, ceilDivide(s.x.side.columns, kRowLists), [&](std::size_t task) { offerRows(s, lists, task); });
      if (symmetric) parallel(pool, ceilDivide(s.y.side.columns, kColumnLists), [&](std::size_t task) { offerColumns(s, lists, task); });
    }
  }
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
