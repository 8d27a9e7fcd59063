#include "binding/memory.h"

#include <stdlib.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <new>

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
  void* fromPages() {
    if (void* memory = freePages().take(size_)) return memory;
    void* memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    isZero_ = true;
#if defined(MADV_HUGEPAGE)
    if (size_ >= 4 * kHugePage) madvise(memory, size_, MADV_HUGEPAGE);
#endif
    return memory;
  }
  std::size_t size_;
};

}  // namespace

void fillWithZeros(const Memory& memory, neurometry::Pool& pool) {
  auto piece = [&memory](std::size_t index) {
    const std::size_t start = index * kHugePage;
    std::memset(memory.data() + start, 0, std::min(kHugePage, memory.bytes() - start));
  };
  pool.run((memory.bytes() + kHugePage - 1) / kHugePage, [](void* context, std::size_t index) { (*static_cast<decltype(piece)*>(context))(index); },
           &piece);
}

std::shared_ptr<Memory> allocate(std::size_t bytes) { return std::make_shared<Owned>(bytes); }

}  // namespace binding
