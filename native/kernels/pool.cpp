#include "kernels/pool.h"

#include <sched.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace neurometry {
namespace {

// A thread that has nothing to do waits this long before it parks, or leaves its core to others. To wake a parked one costs 4 µs on bare metal and
// up to 150 on a virtual machine, and the steps of a recurrent network are two barriers a millisecond or two apart.
constexpr auto kAwake = std::chrono::microseconds(200);

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

// True once `ready` holds; gives up after kAwake.
template <typename Ready>
bool stayAwake(Ready ready) {
  const auto start = std::chrono::steady_clock::now();
  while (!ready()) {
    if (std::chrono::steady_clock::now() - start > kAwake) return false;
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

// The tasks that a thread begins with, one behind the other, on cache lines of their own.
struct alignas(64) Share {
  std::atomic<std::size_t> next{0};
  std::size_t end = 0;
};

struct Pool::State {
  explicit State(std::size_t threads) : shares(threads) {}

  std::vector<std::thread> workers;
  std::vector<Share> shares;
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<std::size_t> busy{0};
  std::atomic<std::size_t> generation{0};
  Task task = nullptr;
  void* context = nullptr;
  bool stop = false;

  void share(std::size_t count) {
    for (std::size_t thread = 0; thread < shares.size(); thread++) {
      shares[thread].next.store(thread * count / shares.size());
      shares[thread].end = (thread + 1) * count / shares.size();
    }
  }

  // Its own tasks first: most kernels cut rows in their order, so that a thread reads what it has just written itself.
  // Then those that others have not come to.
  void drain(std::size_t thread) {
    for (std::size_t i = 0; i < shares.size(); i++) {
      Share& from = shares[(thread + i) % shares.size()];
      for (std::size_t at = from.next.fetch_add(1); at < from.end; at = from.next.fetch_add(1)) task(context, at);
    }
  }

  void work(std::size_t thread) {
    std::size_t seen = 0;
    for (;;) {
      if (!stayAwake([&] { return generation.load(std::memory_order_acquire) != seen; })) {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return generation.load() != seen; });
      }
      {
        std::lock_guard lock(mutex);
        seen = generation.load();
        if (stop) return;
      }
      drain(thread);
      busy.fetch_sub(1, std::memory_order_release);
    }
  }
};

Pool::Pool(std::size_t threads) : state_(new State(threads == 0 ? usableCores() : threads)) {
  for (std::size_t i = 1; i < state_->shares.size(); i++) state_->workers.emplace_back([this, i] { state_->work(i); });
}

Pool::~Pool() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stop = true;
    state_->generation.fetch_add(1);
  }
  state_->wake.notify_all();
  for (auto& worker : state_->workers) worker.join();
  delete state_;
}

std::size_t Pool::threads() const { return state_->shares.size(); }

void Pool::run(std::size_t count, Task task, void* context) {
  State& state = *state_;
  if (count == 0) return;
  if (count == 1 || state.workers.empty()) {
    for (std::size_t i = 0; i < count; i++) task(context, i);
    return;
  }
  {
    std::lock_guard lock(state.mutex);
    state.task = task;
    state.context = context;
    state.share(count);
    state.busy.store(state.workers.size());
    state.generation.fetch_add(1);
  }
  state.wake.notify_all();
  state.drain(0);
  while (!stayAwake([&] { return state.busy.load(std::memory_order_acquire) == 0; })) std::this_thread::yield();
}

}  // namespace neurometry
