#pragma once
#include <cstddef>

// Every kernel file includes this, three times over, so the threads themselves are kept out of sight:
// the library's thread headers would take longer to compile than most kernels.
namespace neurometry {

// The device's own threads: one per usable core, parked when idle. The caller of `run` works too.
class Pool {
 public:
  // threads = 0: as many as this process may use (affinity mask and container quota).
  explicit Pool(std::size_t threads = 0);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  std::size_t threads() const;

  using Task = void (*)(void* context, std::size_t index);

  // Calls task(context, 0 … count − 1), each once, on all threads; returns when all are done. Each thread begins with
  // a run of tasks of its own, the same one whenever there are as many, and then helps the others.
  // What a task computes must not depend on which thread runs it. Tasks must not throw.
  void run(std::size_t count, Task task, void* context);

 private:
  struct State;
  State* const state_;
};

// At least `bytes` of the calling thread's own working memory, 64-byte aligned, or nullptr when none is left.
// It stays until the thread ends, so that tasks need not allocate; the next call on the same thread may move
// and reuse it, so a task asks once.
void* threadMemory(std::size_t bytes);

// How many cores this process may use: its affinity mask, cut by the container's quota.
std::size_t usableCores();

}  // namespace neurometry
