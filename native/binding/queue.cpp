#include "binding/queue.h"

#include <exception>
#include <utility>

namespace binding {

Queue::Queue(Napi::Env env, std::size_t threads)
    : settle_(Napi::ThreadSafeFunction::New(env, Napi::Function(), "neurometry", 0, 1)), thread_([this, threads] { work(threads); }) {
  settle_.Unref(env);
}

Queue::~Queue() { close(); }

Napi::Promise Queue::push(Napi::Env env, Work work, Napi::Object keep) {
  if (closed_) throw Napi::Error::New(env, "the device is closed");
  auto* job = new Job{std::move(work), Napi::Promise::Deferred::New(env), Napi::Persistent(keep), {}, false};
  const Napi::Promise promise = job->deferred.Promise();
  if (waiting_++ == 0) settle_.Ref(env);
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(job);
  }
  wake_.notify_one();
  return promise;
}

void Queue::close() {
  if (std::exchange(closed_, true)) return;
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
  settle_.Release();
}

void Queue::work(std::size_t threads) {
  neurometry::Pool pool(threads);
  for (;;) {
    Job* job = nullptr;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stop_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = jobs_.front();
      jobs_.pop_front();
    }
    try {
      job->work(pool);
    } catch (const std::exception& error) {
      job->failed = true;
      job->error = error.what();
    }
    job->work = nullptr;  // lets go of memory here, not when JavaScript gets round to it
    settle_.BlockingCall(job, [this](Napi::Env env, Napi::Function, Job* done) { settle(env, done); });
  }
}

void Queue::settle(Napi::Env env, Job* job) {
  if (env == nullptr) return;  // the environment is going down, and JavaScript with it
  if (job->failed) job->deferred.Reject(Napi::Error::New(env, job->error).Value());
  else job->deferred.Resolve(env.Undefined());
  if (--waiting_ == 0 && !closed_) settle_.Unref(env);
  delete job;
}

}  // namespace binding
