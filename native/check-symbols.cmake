# Fails if an object of one instruction set defines a weak symbol that is not in that set's own
# namespace: the linker would keep one copy for all sets, perhaps one this machine cannot run.
string(REPLACE "," ";" OBJECTS "${OBJECTS}")
execute_process(COMMAND ${NM} --defined-only ${OBJECTS} OUTPUT_VARIABLE SYMBOLS COMMAND_ERROR_IS_FATAL ANY)
string(LENGTH ${ISA} LENGTH)
string(REGEX MATCHALL "[0-9a-f]+ [WVu] [^\n]+" WEAK "${SYMBOLS}")
foreach(SYMBOL ${WEAK})
  if(NOT SYMBOL MATCHES "${LENGTH}${ISA}" AND NOT SYMBOL MATCHES "DW\\.ref")
    message(FATAL_ERROR "The ${ISA} kernels emit a function that other instruction sets share: ${SYMBOL}. Use plain loops and native/kernels/simd.h instead of library templates.")
  endif()
endforeach()
