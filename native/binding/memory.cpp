#include "binding/memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <stdexcept>

namespace binding {
namespace {

constexpr std::size_t kHugePage = 2 << 20;

// Freed pages that the next block of the same size takes over: fresh ones would be zeroed first,
// a tenth of a forward pass with capture.
class FreePages {
 public:
  void* take(std::size_t bytes) {
    std::lock_guard lock(mutex_);
    const auto found = blocks_.find(bytes);
    if (found == blocks_.end()) return nullptr;
    void* memory = found->second;
    blocks_.erase(found);
    kept_ -= bytes;
    return memory;
  }
  bool give(void* memory, std::size_t bytes) {
    std::lock_guard lock(mutex_);
    if (kept_ + bytes > kMost) return false;
    blocks_.emplace(bytes, memory);
    kept_ += bytes;
    return true;
  }

 private:
  static constexpr std::size_t kMost = 96 << 20;
  std::mutex mutex_;
  std::multimap<std::size_t, void*> blocks_;
  std::size_t kept_ = 0;
};

FreePages& freePages() {
  static FreePages* const pages = new FreePages();  // never destroyed: memory is freed after static objects
  return *pages;
}

// Small blocks come from the heap, large ones are pages of their own.
class Owned final : public Memory {
 public:
  explicit Owned(std::size_t bytes) : size_(sizeOf(bytes)) {
    void* memory = size_ < kHugePage ? fromHeap() : fromPages();
    if (memory == nullptr) throw std::bad_alloc();
    data_ = static_cast<std::byte*>(memory);
    bytes_ = bytes;
  }
  ~Owned() override {
    if (size_ < kHugePage) ::free(data_);
    else if (!freePages().give(data_, size_)) munmap(data_, size_);
  }

 private:
  // Large blocks are whole huge pages, so that blocks of about the same size can take each other's place.
  static std::size_t sizeOf(std::size_t bytes) {
    if (bytes < kHugePage) return bytes == 0 ? 64 : bytes;
    return (bytes + kHugePage - 1) / kHugePage * kHugePage;
  }
  void* fromHeap() const {
    void* memory = nullptr;
    return posix_memalign(&memory, 64, size_) == 0 ? memory : nullptr;
  }
  void* fromPages() const {
    if (void* memory = freePages().take(size_)) return memory;
    void* memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
#if defined(MADV_HUGEPAGE)
    if (size_ >= 4 * kHugePage) madvise(memory, size_, MADV_HUGEPAGE);
#endif
    return memory;
  }
  std::size_t size_;
};

std::runtime_error failure(const std::string& path, const std::string& what) {
  return std::runtime_error(path + ": " + what);
}

class Mapped final : public Memory {
 public:
  Mapped(const std::string& path, std::size_t offset, std::size_t bytes) {
    const std::size_t page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t slack = offset % page;
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
  }
  ~Mapped() override { munmap(base_, length_); }

 private:
  void* base_ = MAP_FAILED;
  std::size_t length_;
};

}  // namespace

std::shared_ptr<Memory> allocate(std::size_t bytes) { return std::make_shared<Owned>(bytes); }

std::shared_ptr<Memory> mapFile(const std::string& path, std::size_t offset, std::size_t bytes) {
  return std::make_shared<Mapped>(path, offset, bytes);
}

}  // namespace binding
