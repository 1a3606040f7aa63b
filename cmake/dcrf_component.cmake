# What every target of this project compiles with.
function(dcrf_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wnon-virtual-dtor
                                          -Wno-missing-field-initializers)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -Wshadow=local)
  endif()
  if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # In a file of several, a type in an unnamed namespace is taken for one of a header.
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
  if(DCRF_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(DCRF_SANITIZE)
    target_compile_options(${target} PUBLIC -fsanitize=${DCRF_SANITIZE} -fno-sanitize-recover=all
                                            -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${DCRF_SANITIZE})
    if(DCRF_SANITIZE MATCHES undefined)
      # The check of vptr reads memory through a pipe, and takes an object for a wrong one where there are no
      # descriptors; CAF casts the ends of its queues as if they were messages, too.
      target_compile_options(${target} PUBLIC -fno-sanitize=vptr)
    endif()
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND DCRF_SANITIZE MATCHES undefined)
      # clang puts the types of functions before them, in coroutines where the assembler can't have it.
      target_compile_options(${target} PUBLIC -fno-sanitize=function)
    endif()
  endif()
endfunction()

# A test program: it is not optimized, since to compile it takes longer than to run it. Parsing HEADERS
# once for all its files takes a third off the time to build it. Several files are compiled together, so each has a
# namespace of its own.
function(dcrf_test_program target)
  dcrf_compile_options(${target})
  target_compile_options(${target} PRIVATE -O0)
  target_link_libraries(${target} PRIVATE Catch2::Catch2WithMain)
  if(Catch2_VERSION VERSION_GREATER_EQUAL 3)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/catch2-3)
  endif()
  if(ARGN)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

# A library from the folder at hand: each *.cpp below it belongs to the library, and each *.test.cpp
# to its test program, which parses TEST_HEADERS once. With DCRF_PRECOMPILE the library parses HEADERS
# once; not so in what users build, where a file that forgets an include is found.
#
#   dcrf_component(core LINK a b PRIVATE_LINK c HEADERS <d> TEST_HEADERS <e>)
function(dcrf_component name)
  cmake_parse_arguments(arg "" "" "LINK;PRIVATE_LINK;HEADERS;TEST_HEADERS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/dcrf/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "\\.test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "\\.test\\.cpp$")

  add_library(dcrf_${name} ${sources})
  add_library(dcrf::${name} ALIAS dcrf_${name})
  set_target_properties(dcrf_${name} PROPERTIES EXPORT_NAME ${name}
                                                POSITION_INDEPENDENT_CODE ON)
  dcrf_compile_options(dcrf_${name})
  target_include_directories(
    dcrf_${name} PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>
                        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(dcrf_${name} PUBLIC ${arg_LINK} PRIVATE ${arg_PRIVATE_LINK})
  if(DCRF_PRECOMPILE)
    target_precompile_headers(dcrf_${name} PRIVATE ${arg_HEADERS})
  endif()

  install(TARGETS dcrf_${name} EXPORT dcrf-targets)
  install(DIRECTORY dcrf DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
          FILES_MATCHING PATTERN "*.hpp" PATTERN "internal" EXCLUDE)

  if(DCRF_BUILD_TESTS AND tests)
    add_executable(${name}-test ${tests})
    dcrf_test_program(${name}-test ${arg_TEST_HEADERS})
    target_link_libraries(${name}-test PRIVATE dcrf::${name} ${arg_PRIVATE_LINK})
    add_test(NAME ${name} COMMAND ${name}-test)
  endif()
endfunction()
