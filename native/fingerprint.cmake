# Writes OUT: which sources the addon is of, as src/device/native-sources.ts reads it from them, so that an addon built
# from others is refused instead of reading its arguments as they once were.
file(GLOB_RECURSE FILES RELATIVE ${ROOT}/native ${ROOT}/native/*.cpp ${ROOT}/native/*.h)
list(SORT FILES)
set(LINES "")
foreach(FILE ${FILES})
  file(SHA256 ${ROOT}/native/${FILE} HASH)
  string(APPEND LINES "${FILE} ${HASH}\n")
endforeach()
string(SHA256 FINGERPRINT "${LINES}")
file(WRITE ${OUT} "constexpr const char* kSources = \"${FINGERPRINT}\";\n")
