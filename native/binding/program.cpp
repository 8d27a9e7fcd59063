#include "binding/program.h"

#include <cstring>
#include <stdexcept>
#include <string>

namespace binding {
namespace {

constexpr int kLeftOut = -1;
constexpr int kArena = -2;
constexpr std::size_t kElementBytes = 4;

class Reader {
 public:
  explicit Reader(std::span<const double> code) : code_(code) {}
  double next() {
    if (at_ == code_.size()) throw std::invalid_argument("plan code ends early");
    return code_[at_++];
  }
  int integer() { return static_cast<int>(next()); }
  std::size_t size() { return static_cast<std::size_t>(next()); }

 private:
  std::span<const double> code_;
  std::size_t at_ = 0;
};

}  // namespace

Program::Program(std::span<const double> code, const neurometry::KernelEntry* table) {
  Reader reader(code);
  arena_ = allocate(reader.size());
  poison_ = reader.integer() == 1;
  steps_.resize(reader.size());
  for (Step& step : steps_) {
    step.kernel = &table[reader.size()];
    step.operands.resize(reader.size());
    for (Operand& operand : step.operands) {
      operand = {reader.integer(), reader.size(), reader.integer(), reader.size(), reader.size()};
    }
    step.numbers.resize(reader.size());
    for (Number& number : step.numbers) number = {reader.integer(), reader.next()};
  }
}

std::byte* Program::locate(const Operand& operand, std::span<std::byte* const> slots, std::span<const double> parameters) const {
  if (operand.slot == kLeftOut) return nullptr;
  std::size_t element = operand.constant;
  if (operand.parameter >= 0) element += operand.factor * static_cast<std::size_t>(parameters[operand.parameter]);
  std::byte* base = operand.slot == kArena ? arena_->data() : slots[operand.slot];
  return base + element * kElementBytes;
}

void Program::run(std::span<std::byte* const> slots, std::span<const double> parameters, neurometry::Pool& pool) const {
  if (poison_) std::memset(arena_->data(), 0xff, arena_->bytes());
  std::vector<neurometry::View> views;
  std::vector<double> numbers;
  for (const Step& step : steps_) {
    views.clear();
    numbers.clear();
    for (const Operand& operand : step.operands) views.push_back({locate(operand, slots, parameters), operand.stride});
    for (const Number& number : step.numbers) {
      numbers.push_back(number.parameter >= 0 ? parameters[number.parameter] : number.value);
    }
    if (const char* refusal = step.kernel->run({views.data(), numbers.data()}, pool)) {
      throw std::runtime_error(std::string(step.kernel->name) + ": " + refusal);
    }
  }
}

}  // namespace binding
