#include "kernels/pool.h"

#include <sched.h>
#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace neurometry {
namespace {

constexpr auto kSpin = std::chrono::microseconds(5);

void relax() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

// Cores that the container's quota leaves (cgroup v2 cpu.max: "quota period" or "max period").
std::size_t quotaCores() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) return SIZE_MAX;
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(std::stod(quota) / period)));
}

// True once `ready` holds; gives up after a few microseconds.
template <typename Ready>
bool spin(Ready ready) {
  const auto end = std::chrono::steady_clock::now() + kSpin;
  while (!ready()) {
    if (std::chrono::steady_clock::now() > end) return false;
    relax();
  }
  return true;
}

constexpr std::size_t kHugePage = std::size_t{2} << 20;

// Grows by doubling and is freed with its thread.
struct Memory {
  ~Memory() { std::free(data); }
  void* data = nullptr;
  std::size_t bytes = 0;
};

thread_local Memory memory;

}  // namespace

void* threadMemory(std::size_t bytes) {
  if (bytes <= memory.bytes) return memory.data;
  std::free(memory.data);
  const std::size_t size = (std::max(bytes, memory.bytes * 2) + kHugePage - 1) / kHugePage * kHugePage;
  memory.bytes = 0;
  if (posix_memalign(&memory.data, kHugePage, size) != 0) return memory.data = nullptr;
#if defined(__linux__)
  madvise(memory.data, size, MADV_HUGEPAGE);  // refused where the system has none, which costs only time
#endif
  memory.bytes = size;
  return memory.data;
}

std::size_t usableCores() {
  std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) cores = static_cast<std::size_t>(CPU_COUNT(&set));
  cores = std::min(cores, quotaCores());
#endif
  return std::max<std::size_t>(1, cores);
}

Pool::Pool(std::size_t threads) {
  const std::size_t count = threads == 0 ? usableCores() : threads;
  for (std::size_t i = 1; i < count; i++) workers_.emplace_back([this] { work(); });
}

Pool::~Pool() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
    generation_.fetch_add(1);
  }
  wake_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void Pool::run(std::size_t count, Task task, void* context) {
  if (count == 0) return;
  if (count == 1 || workers_.empty()) {
    for (std::size_t i = 0; i < count; i++) task(context, i);
    return;
  }
  {
    std::lock_guard lock(mutex_);
    task_ = task;
    context_ = context;
    count_ = count;
    next_.store(0);
    busy_.store(workers_.size());
    generation_.fetch_add(1);
  }
  wake_.notify_all();
  drain();
  while (busy_.load(std::memory_order_acquire) != 0) relax();
}

void Pool::drain() {
  for (std::size_t i = next_.fetch_add(1); i < count_; i = next_.fetch_add(1)) task_(context_, i);
}

void Pool::work() {
  std::size_t seen = 0;
  for (;;) {
    if (!spin([&] { return generation_.load(std::memory_order_acquire) != seen; })) {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return generation_.load() != seen; });
    }
    {
      std::lock_guard lock(mutex_);
      seen = generation_.load();
      if (stop_) return;
    }
    drain();
    busy_.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace neurometry
