// packed = b in the layout of pack.h: what `product` reads fastest. b is [columns × inner] or, with
// option layout 1, [inner × columns]. One task packs one panel of one slab.
#include "kernels/pack.h"

namespace neurometry::NEUROMETRY_ISA {

const char* pack(const Arguments& arguments, Pool& pool) {
  const std::size_t inner = arguments.size(0);
  const std::size_t columns = arguments.size(1);
  const Unpacked b = {arguments.data<float>(0), arguments.stride(0), inner, columns, arguments.size(2) == 0};
  packAll(pool, b, arguments.data<float>(1));
  return nullptr;
}

}  // namespace neurometry::NEUROMETRY_ISA
