#pragma once
#include <cstddef>
#include <memory>
#include <string>

#include "kernels/pool.h"

namespace binding {

// Memory that kernels read and write: its own, or a read-only part of a file.
class Memory {
 public:
  virtual ~Memory() = default;
  std::byte* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  // Whether it came from the system full of zeros.
  bool isZero() const { return isZero_; }
  // Throws std::runtime_error if it is a file that became shorter: what was read of it does not count.
  virtual void expectWhole() const {}

 protected:
  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
  bool isZero_ = false;
};

// Of any content, aligned to 64 bytes; throws std::bad_alloc with no memory left.
std::shared_ptr<Memory> allocate(std::size_t bytes);

// On all threads of the pool.
void fillWithZeros(const Memory& memory, neurometry::Pool& pool);

// Maps a part of a file without a copy; throws std::runtime_error if the file is shorter.
std::shared_ptr<Memory> mapFile(const std::string& path, std::size_t offset, std::size_t bytes);

}  // namespace binding
