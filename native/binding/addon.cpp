// What JavaScript sees: memory, compiled programs, and a queue that runs them. No logic here;
// src/device/native.ts has checked every argument.
#include <napi.h>

#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

#include "binding/memory.h"
#include "binding/program.h"
#include "binding/queue.h"
#include "factorizations/orthonormal-rows.h"
#include "kernels/cpu.h"
#include "sources.h"

namespace {

using binding::Memory;
using binding::Program;
using binding::Queue;

template <typename T>
using Handle = Napi::External<std::shared_ptr<T>>;

template <typename T>
Napi::Value wrap(Napi::Env env, std::shared_ptr<T> object) {
  return Handle<T>::New(env, new std::shared_ptr<T>(std::move(object)), [](Napi::Env, std::shared_ptr<T>* held) { delete held; });
}

template <typename T>
std::shared_ptr<T>& unwrap(const Napi::Value& value) {
  return *value.As<Handle<T>>().Data();
}

std::size_t toSize(const Napi::Value& value) { return static_cast<std::size_t>(value.As<Napi::Number>().DoubleValue()); }

std::span<std::byte> bytesOf(const Napi::Value& value) {
  auto array = value.As<Napi::TypedArray>();
  return {static_cast<std::byte*>(array.ArrayBuffer().Data()) + array.ByteOffset(), array.ByteLength()};
}

std::vector<double> numbersOf(const Napi::Value& value) {
  auto array = value.As<Napi::Float64Array>();
  return {array.Data(), array.Data() + array.ElementLength()};
}

// open(threads): queue
Napi::Value Open(const Napi::CallbackInfo& info) {
  auto queue = std::make_shared<Queue>(info.Env(), toSize(info[0]));
  info.Env().AddCleanupHook([queue] { queue->close(); });
  return wrap(info.Env(), queue);
}

// close(queue): finishes what was asked for
void Close(const Napi::CallbackInfo& info) { unwrap<Queue>(info[0])->close(); }

// allocate(bytes): memory
Napi::Value Allocate(const Napi::CallbackInfo& info) { return wrap(info.Env(), binding::allocate(toSize(info[0]))); }

// zeros(queue, bytes): memory full of zeros by the time that what is asked for later runs
Napi::Value Zeros(const Napi::CallbackInfo& info) {
  auto memory = binding::allocate(toSize(info[1]));
  Napi::Value handle = wrap(info.Env(), memory);
  if (memory->isZero()) return handle;
  auto work = [memory](neurometry::Pool& pool) { binding::fillWithZeros(*memory, pool); };
  unwrap<Queue>(info[0])->push(info.Env(), std::move(work), Napi::Object::New(info.Env()));
  return handle;
}

// upload(array): memory
Napi::Value Upload(const Napi::CallbackInfo& info) {
  const auto bytes = bytesOf(info[0]);
  auto memory = binding::allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(memory->data(), bytes.data(), bytes.size());
  return wrap(info.Env(), memory);
}

// map(path, byteOffset, bytes): memory
Napi::Value Map(const Napi::CallbackInfo& info) {
  return wrap(info.Env(), binding::mapFile(info[0].As<Napi::String>(), toSize(info[1]), toSize(info[2])));
}

// release(memory): gives it back once no queued job needs it
void Release(const Napi::CallbackInfo& info) { unwrap<Memory>(info[0]).reset(); }

// write(queue, memory, byteOffset, array): promise
Napi::Value Write(const Napi::CallbackInfo& info) {
  const auto bytes = bytesOf(info[3]);
  auto copy = std::make_shared<std::vector<std::byte>>(bytes.begin(), bytes.end());
  auto work = [copy, memory = unwrap<Memory>(info[1]), offset = toSize(info[2])](neurometry::Pool&) {
    if (!copy->empty()) std::memcpy(memory->data() + offset, copy->data(), copy->size());
  };
  return unwrap<Queue>(info[0])->push(info.Env(), std::move(work), info[3].As<Napi::Object>());
}

// download(queue, memory, byteOffset, array): promise
Napi::Value Download(const Napi::CallbackInfo& info) {
  auto work = [into = bytesOf(info[3]), memory = unwrap<Memory>(info[1]), offset = toSize(info[2])](neurometry::Pool&) {
    if (!into.empty()) std::memcpy(into.data(), memory->data() + offset, into.size());
    memory->expectWhole();
  };
  return unwrap<Queue>(info[0])->push(info.Env(), std::move(work), info[3].As<Napi::Object>());
}

// compile(code): program
Napi::Value Compile(const Napi::CallbackInfo& info) {
  return wrap(info.Env(), std::make_shared<Program>(numbersOf(info[0]), neurometry::chosenIsa().table));
}

// discard(program): gives its memory back once no queued job needs it
void Discard(const Napi::CallbackInfo& info) { unwrap<Program>(info[0]).reset(); }

// submit(queue, program, memories, byteOffsets, parameters): promise
Napi::Value Submit(const Napi::CallbackInfo& info) {
  auto array = info[2].As<Napi::Array>();
  std::vector<std::shared_ptr<Memory>> memories;
  for (std::uint32_t i = 0; i < array.Length(); i++) memories.push_back(unwrap<Memory>(array.Get(i)));
  auto work = [program = unwrap<Program>(info[1]), memories = std::move(memories), offsets = numbersOf(info[3]),
               parameters = numbersOf(info[4])](neurometry::Pool& pool) {
    std::vector<std::byte*> slots;
    for (std::size_t i = 0; i < memories.size(); i++) slots.push_back(memories[i]->data() + static_cast<std::size_t>(offsets[i]));
    program->run(slots, parameters, pool);
    for (const auto& memory : memories) memory->expectWhole();
  };
  return unwrap<Queue>(info[0])->push(info.Env(), std::move(work), array);
}

// orthonormalize(queue, matrix, rows): promise; a Float64Array, in place
Napi::Value Orthonormalize(const Napi::CallbackInfo& info) {
  auto matrix = info[1].As<Napi::Float64Array>();
  const std::size_t rows = toSize(info[2]), columns = rows == 0 ? 0 : matrix.ElementLength() / rows;
  auto work = [values = matrix.Data(), rows, columns](neurometry::Pool& pool) { neurometry::orthonormalizeRows(values, rows, columns, pool); };
  return unwrap<Queue>(info[0])->push(info.Env(), std::move(work), matrix);
}

Napi::Value namesOf(Napi::Env env, const std::vector<const char*>& names) {
  auto array = Napi::Array::New(env, names.size());
  for (std::size_t i = 0; i < names.size(); i++) array.Set(static_cast<std::uint32_t>(i), names[i]);
  return array;
}

// describe(): what this machine has and what was chosen
Napi::Value Describe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const neurometry::Isa& isa = neurometry::chosenIsa();
  std::vector<const char*> kernels;
  for (std::size_t i = 0; i < isa.count; i++) kernels.push_back(isa.table[i].name);
  auto result = Napi::Object::New(env);
  result.Set("isa", isa.name);
  result.Set("available", namesOf(env, neurometry::availableIsas()));
  result.Set("features", namesOf(env, neurometry::cpuFeatures()));
  result.Set("cores", static_cast<double>(neurometry::usableCores()));
  result.Set("kernels", namesOf(env, kernels));
  result.Set("sources", kSources);
  return result;
}

// Exports a function whose C++ exceptions become JavaScript errors.
template <auto Function>
Napi::Value Guarded(const Napi::CallbackInfo& info) {
  try {
    if constexpr (std::is_void_v<decltype(Function(info))>) {
      Function(info);
      return info.Env().Undefined();
    } else {
      return Function(info);
    }
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw Napi::Error::New(info.Env(), "out of memory");
  } catch (const std::exception& error) {
    throw Napi::Error::New(info.Env(), error.what());
  }
}

template <auto Function>
void Export(Napi::Object exports, const char* name) {
  exports.Set(name, Napi::Function::New(exports.Env(), Guarded<Function>, name));
}

Napi::Object Init(Napi::Env, Napi::Object exports) {
  Export<Open>(exports, "open");
  Export<Close>(exports, "close");
  Export<Allocate>(exports, "allocate");
  Export<Zeros>(exports, "zeros");
  Export<Upload>(exports, "upload");
  Export<Map>(exports, "map");
  Export<Release>(exports, "release");
  Export<Write>(exports, "write");
  Export<Download>(exports, "download");
  Export<Compile>(exports, "compile");
  Export<Discard>(exports, "discard");
  Export<Submit>(exports, "submit");
  Export<Orthonormalize>(exports, "orthonormalize");
  Export<Describe>(exports, "describe");
  return exports;
}

}  // namespace

NODE_API_MODULE(neurometry, Init)
