// One time step of long short-term memory (Hochreiter and Schmidhuber 1997), gates in torch's order i, f, g, o.
//
//   i, f, o = σ(input + recurrent)   g = tanh(input + recurrent)
//   cell = f·cell + i·g               hidden = o·tanh(cell)
//
// With `index` (option 1), row i reads row index[i] of the `inputRows` rows of input, which several rows may share.
// Parts (option, added up): 1 makes the gates and, where `gates` is given, writes them; 2 makes the
// cell; 4 makes the hidden state. A part that is left out is read: gates from `gates`, the cell from
// `cell`. So an intervention on a gate or a cell stands between two calls. One task per block of rows.
#include "kernels/lanes.h"
#include "kernels/vector-math.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

struct Row {
  const float* input;
  const float* recurrent;
  float* cell;
  float* hidden;
  float* gates;
  float* hiddens;
  float* cells;
};

// The gate `number` of columns c … c + n − 1 before its nonlinearity.
[[gnu::always_inline]] inline Floats gateInput(const Row& row, std::size_t number, std::size_t width, std::size_t c, std::size_t n) {
  const std::size_t at = number * width + c;
  Floats value = loadPart(row.input + at, n);
  if (row.recurrent) value += loadPart(row.recurrent + at, n);
  return value;
}

[[gnu::always_inline]] inline void stepRow(const Row& row, std::size_t width, std::size_t parts) {
  alongRow(width, [&](std::size_t c, std::size_t n) {
    Floats gate[4];
    for (std::size_t number = 0; number < 4; number++) {
      if (parts & 1) {
        const Floats before = gateInput(row, number, width, c, n);
        gate[number] = number == 2 ? hyperbolicTangent(before) : sigmoid(before);
        if (row.gates) storePart(row.gates + number * width + c, gate[number], n);
      } else {
        gate[number] = loadPart(row.gates + number * width + c, n);
      }
    }
    if (!(parts & 6)) return;
    Floats cell = loadPart(row.cell + c, n);
    if (parts & 2) {
      cell = gate[1] * cell + gate[0] * gate[2];
      storePart(row.cell + c, cell, n);
      if (row.cells) storePart(row.cells + c, cell, n);
    }
    if (!(parts & 4)) return;
    const Floats hidden = gate[3] * hyperbolicTangent(cell);
    storePart(row.hidden + c, hidden, n);
    if (row.hiddens) storePart(row.hiddens + c, hidden, n);
  });
}

}  // namespace

const char* lstmStep(const Arguments& arguments, Pool& pool) {
  const std::size_t rows = arguments.size(0), width = arguments.size(1), inputRows = arguments.size(2), parts = arguments.size(3);
  const bool indexed = arguments.size(4) == 1;
  const auto* index = arguments.data<const std::uint32_t>(2);
  const auto at = [&](std::size_t operand, std::size_t i) {
    auto* data = arguments.data<float>(operand);
    return data ? data + i * arguments.stride(operand) : nullptr;
  };
  if (parts != 7 && !arguments.data<float>(5)) return "a step in parts needs its gates as an operand";
  if ((parts & 6) && !arguments.data<float>(3)) return "a step that makes or reads the cell needs it as an operand";
  if ((parts & 4) && !arguments.data<float>(4)) return "a step that makes the hidden state needs it as an operand";
  if ((parts & 1) && !arguments.data<float>(0)) return "a step that makes its gates needs their input";
  if ((parts & 1) && indexed && !inside(index, rows, inputRows)) return "a row number is past the end of the input";

  overRows(pool, rows, width, 1 << 13, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      const std::size_t from = indexed && (parts & 1) ? index[i] : i;
      stepRow({at(0, from), at(1, i), at(3, i), at(4, i), at(5, i), at(6, i), at(7, i)}, width, parts);
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
