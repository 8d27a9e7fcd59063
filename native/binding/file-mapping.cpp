// A read-only part of a file as memory. A file that is cut under its mapping raises SIGBUS where it is read, which would
// end the process: a handler puts zeros in the place of what is gone and marks the mapping, and the job that read it fails.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include "binding/memory.h"

namespace binding {
namespace {

// What the handler looks through: a list that only grows, whose entries are used again.
struct Place {
  std::atomic<std::uintptr_t> begin{0}, end{0};  // both 0: free
  std::atomic<bool> cut{false};
  Place* next = nullptr;
};

std::atomic<Place*> places{nullptr};
std::mutex placesMutex;
struct sigaction handlerBefore;
const auto pageBytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));

void onBusError(int, siginfo_t* info, void*) {
  const int error = errno;
  const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
  for (Place* place = places.load(); place != nullptr; place = place->next) {
    const std::uintptr_t begin = place->begin, end = place->end;
    if (at < begin || at >= end) continue;
    const std::uintptr_t page = at / pageBytes * pageBytes;
    void* const zeros = mmap(reinterpret_cast<void*>(page), end - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (zeros == MAP_FAILED) break;
    place->cut = true;
    errno = error;
    return;
  }
  sigaction(SIGBUS, &handlerBefore, nullptr);  // not ours: the instruction faults again, for whoever was there before
}

void installHandler() {
  struct sigaction action {};
  action.sa_sigaction = onBusError;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, &handlerBefore);
}

Place* watch(void* base, std::size_t bytes) {
  static std::once_flag once;
  std::call_once(once, installHandler);
  std::lock_guard lock(placesMutex);
  Place* place = places.load();
  while (place != nullptr && place->end != 0) place = place->next;
  if (place == nullptr) {
    place = new Place;
    place->next = places.load();
    places = place;
  }
  place->cut = false;
  place->begin = reinterpret_cast<std::uintptr_t>(base);
  place->end = place->begin + bytes;
  return place;
}

void forget(Place* place) {
  std::lock_guard lock(placesMutex);
  place->begin = 0;
  place->end = 0;
}

std::runtime_error failure(const std::string& path, const std::string& what) {
  return std::runtime_error(path + ": " + what);
}

class Mapped final : public Memory {
 public:
  Mapped(const std::string& path, std::size_t offset, std::size_t bytes) : path_(path) {
    const std::size_t slack = offset % pageBytes;
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw failure(path, std::string("cannot be opened: ") + std::strerror(errno));
    struct stat status {};
    const bool whole = fstat(file, &status) == 0 && static_cast<std::size_t>(status.st_size) >= offset + bytes;
    length_ = bytes + slack == 0 ? 1 : bytes + slack;
    if (whole) base_ = mmap(nullptr, length_, PROT_READ, MAP_PRIVATE, file, static_cast<off_t>(offset - slack));
    const int reason = errno;
    close(file);
    if (!whole) throw failure(path, "is shorter than " + std::to_string(offset + bytes) + " bytes");
    if (base_ == MAP_FAILED) throw failure(path, std::string("cannot be mapped: ") + std::strerror(reason));
    data_ = static_cast<std::byte*>(base_) + slack;
    bytes_ = bytes;
    place_ = watch(base_, length_);
  }
  ~Mapped() override {
    forget(place_);
    munmap(base_, length_);
  }
  void expectWhole() const override {
    if (place_->cut) throw failure(path_, "became shorter while it was read");
  }

 private:
  std::string path_;
  void* base_ = MAP_FAILED;
  std::size_t length_;
  Place* place_ = nullptr;
};

}  // namespace

std::shared_ptr<Memory> mapFile(const std::string& path, std::size_t offset, std::size_t bytes) {
  return std::make_shared<Mapped>(path, offset, bytes);
}

}  // namespace binding
