#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <thread>
#include <vector>

namespace neurometry {

// The device's own threads: one per usable core, parked when idle. The caller of `run` works too.
class Pool {
 public:
  // threads = 0: as many as this process may use (affinity mask and container quota).
  explicit Pool(std::size_t threads = 0);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  std::size_t threads() const { return workers_.size() + 1; }

  using Task = void (*)(void* context, std::size_t index);

  // Calls task(context, 0 … count − 1), each once, on all threads; returns when all are done.
  // What a task computes must not depend on which thread runs it. Tasks must not throw.
  void run(std::size_t count, Task task, void* context);

 private:
  void work();
  void drain();

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> busy_{0};
  std::atomic<std::size_t> generation_{0};
  std::size_t count_ = 0;
  Task task_ = nullptr;
  void* context_ = nullptr;
  bool stop_ = false;
};

// At least `bytes` of the calling thread's own working memory, 64-byte aligned, or nullptr when none is left.
// It stays until the thread ends, so that tasks need not allocate; the next call on the same thread may move
// and reuse it, so a task asks once.
void* threadMemory(std::size_t bytes);

// How many cores this process may use: its affinity mask, cut by the container's quota.
std::size_t usableCores();

}  // namespace neurometry
