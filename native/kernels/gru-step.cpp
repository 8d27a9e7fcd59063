// One time step of a gated recurrent unit (Cho et al. 2014) as torch computes it, gates in the order r, z, n.
//
//   r, z = σ(input + recurrent + bias)   n = tanh(input + r·(recurrent + bias))
//   hidden = (1 − z)·n + z·hidden
//
// `bias` is the recurrent one; the input's is part of `input`. Without `recurrent` it counts as 0
// (the first step). Parts (option, added up): 1 makes r and z, 2 makes n, 4 makes the hidden state;
// a gate that is not made is read from `gates`, and every gate that is made is written there where
// it is given. So an intervention on a gate stands between two calls. With `index` (option 1), row i
// reads row index[i] of the `inputRows` rows of input, which several rows may share. One task per block of rows.
#include "kernels/lanes.h"
#include "kernels/vector-math.h"

namespace neurometry::NEUROMETRY_ISA {
namespace {

struct Row {
  const float* input;
  const float* recurrent;
  const float* bias;
  float* hidden;
  float* gates;
  float* hiddens;
};

// What the previous hidden state adds to gate `number` in columns c … c + n − 1.
[[gnu::always_inline]] inline Floats recurrentInput(const Row& row, std::size_t number, std::size_t width, std::size_t c, std::size_t n) {
  const std::size_t at = number * width + c;
  Floats value = row.recurrent ? loadPart(row.recurrent + at, n) : Floats{};
  if (row.bias) value += loadPart(row.bias + at, n);
  return value;
}

[[gnu::always_inline]] inline void stepRow(const Row& row, std::size_t width, std::size_t parts) {
  alongRow(width, [&](std::size_t c, std::size_t n) {
    Floats gate[3] = {};
    for (std::size_t number = 0; number < 3; number++) {
      const std::size_t at = number * width + c;
      if (!(parts & (number == 2 ? 2u : 1u))) {
        if (row.gates) gate[number] = loadPart(row.gates + at, n);
        continue;
      }
      const Floats recurrent = recurrentInput(row, number, width, c, n);
      const Floats input = loadPart(row.input + at, n);
      gate[number] = number == 2 ? hyperbolicTangent(input + gate[0] * recurrent) : sigmoid(input + recurrent);
      if (row.gates) storePart(row.gates + at, gate[number], n);
    }
    if (!(parts & 4)) return;
    const Floats hidden = (1.0f - gate[1]) * gate[2] + gate[1] * loadPart(row.hidden + c, n);
    storePart(row.hidden + c, hidden, n);
    if (row.hiddens) storePart(row.hiddens + c, hidden, n);
  });
}

}  // namespace

const char* gruStep(const Arguments& arguments, Pool& pool) {
  const std::size_t rows = arguments.size(0), width = arguments.size(1), inputRows = arguments.size(2), parts = arguments.size(3);
  const bool indexed = arguments.size(4) == 1;
  const auto* index = arguments.data<const std::uint32_t>(6);
  const auto at = [&](std::size_t operand, std::size_t i) {
    auto* data = arguments.data<float>(operand);
    return data ? data + i * arguments.stride(operand) : nullptr;
  };
  if (parts != 7 && !arguments.data<float>(4)) return "a step in parts needs its gates as an operand";
  if ((parts & 3) && !arguments.data<float>(0)) return "a step that makes its gates needs their input";
  if ((parts & 3) && indexed && !inside(index, rows, inputRows)) return "a row number is past the end of the input";

  overRows(pool, rows, width, 1 << 13, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; i++) {
      const std::size_t from = indexed && (parts & 3) ? index[i] : i;
      stepRow({at(0, from), at(1, i), arguments.data<const float>(2), at(3, i), at(4, i), at(5, i)}, width, parts);
    }
  });
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
