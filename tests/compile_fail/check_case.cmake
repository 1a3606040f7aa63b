# Compiles CASE and compares the first error with what the case expects.
file(STRINGS ${CASE} expectation REGEX "^// expect: " LIMIT_COUNT 1)
string(REPLACE "// expect: " "" expectation "${expectation}")

execute_process(
  COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${COMPILER} -std=c++20 -fsyntax-only -I${INCLUDE} -I${CMAKE_CURRENT_LIST_DIR} ${CASE}
  RESULT_VARIABLE result
  ERROR_VARIABLE errors)

if(expectation STREQUAL "")
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "must compile:\n${errors}")
  endif()
  return()
endif()

if(result EQUAL 0)
  message(FATAL_ERROR "compiles, but must not: ${expectation}")
endif()
string(REGEX MATCH "error: [^\n]*" first "${errors}")
if(NOT first MATCHES "${expectation}")
  message(FATAL_ERROR "expected: ${expectation}\nfirst error: ${first}\n${errors}")
endif()
