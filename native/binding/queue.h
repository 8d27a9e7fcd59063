#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include <napi.h>

#include "kernels/pool.h"

namespace binding {

// Runs jobs one after another on a thread of its own, which is also the pool's first thread, and
// settles a promise on the JavaScript thread for each. A failed job fails its own promise only.
// The process stays alive while jobs wait, and not longer.
class Queue {
 public:
  using Work = std::function<void(neurometry::Pool&)>;

  Queue(Napi::Env env, std::size_t threads);
  ~Queue();

  // `keep` stays referenced until the promise is settled.
  Napi::Promise push(Napi::Env env, Work work, Napi::Object keep);
  // Finishes what was pushed, then ends the thread. Blocks.
  void close();

 private:
  struct Job {
    Work work;
    Napi::Promise::Deferred deferred;
    Napi::ObjectReference keep;
    std::string error;
    bool failed = false;
  };

  void work(std::size_t threads);
  void settle(Napi::Env env, Job* job);

  std::size_t waiting_ = 0;
  Napi::ThreadSafeFunction settle_;
  std::deque<Job*> jobs_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace binding
