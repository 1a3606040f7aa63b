# Compiles CASE and compares its errors with what the case expects: with one expectation, its first
# error; with several, all its errors, in their order. Errors are the library's own words, and short.
set(lines_of_one 40)

file(STRINGS ${CASE} expectations REGEX "^// expect: ")
list(TRANSFORM expectations REPLACE "^// expect: " "")
list(LENGTH expectations count)

execute_process(
  COMMAND ${CMAKE_COMMAND} -E env LC_ALL=C ${COMPILER} -std=c++20 -fsyntax-only
          -I${INCLUDE} -I${CMAKE_CURRENT_LIST_DIR} ${CASE}
  RESULT_VARIABLE result
  ERROR_VARIABLE output)

if(count EQUAL 0)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "must compile:\n${output}")
  endif()
  return()
endif()
if(result EQUAL 0)
  message(FATAL_ERROR "compiles, but must not: ${expectations}")
endif()

# Texts of the library have semicolons, which would be ends of items of a list.
string(REPLACE ";" "," text "${output}")
string(REGEX MATCHALL "error: [^\n]*" errors "${text}")
string(REGEX MATCHALL "\n" lines "${text}")
list(LENGTH errors found)
list(LENGTH lines length)
math(EXPR allowed "${lines_of_one} * ${count}")
if(length GREATER allowed)
  message(FATAL_ERROR "${length} lines of errors, more than ${allowed}:\n${output}")
endif()
if(count GREATER 1 AND NOT found EQUAL count)
  message(FATAL_ERROR "${found} errors instead of ${count}:\n${output}")
endif()
foreach(expectation error IN ZIP_LISTS expectations errors)
  string(REPLACE ";" "," expectation "${expectation}")
  if(expectation STREQUAL "")
    break()
  endif()
  if(NOT error MATCHES "^error: static assertion failed: dcrf: |'nodiscard': 'dcrf: "
     OR NOT error MATCHES "${expectation}")
    message(FATAL_ERROR "expected: ${expectation}\nfound: ${error}\n${output}")
  endif()
endforeach()
