# batuta_library(NAME SOURCES ... [PROTOS ...] [DEPS ...] [EXTERNAL ...] [TESTS ...] [TEST_DEPS ...])
#
# Makes the library of the folder src/NAME. The folder gets an include root of its own, so that
# `#include "log/log.h"` compiles only in a folder that depends on `log`. A dependency must have been
# declared before and stand earlier in the order of layers below, so a cycle cannot be written.
#
#   SOURCES    the .cc files of the library
#   PROTOS     .proto files; `x.proto` is included as "NAME/x.pb.h"
#   DEPS       folders of lower layers that this one uses
#   EXTERNAL   CMake targets or library names of other projects
#   TESTS      the *_test.cc files, built into one binary NAME_test
#   TEST_DEPS  folders and external targets that only the tests use

# The layers, from the bottom up; within a row from left to right.
set(BATUTA_LAYERS
    base
    expr log store vault resource http
    identity profile feature population table rule segment policy learn content experiment
    decision journey
    engine
    connect delivery lake report optimize plan govern train whatif
    api
    server)

function(batuta_check_layer NAME DEPENDENCY)
  list(FIND BATUTA_LAYERS ${NAME} own)
  list(FIND BATUTA_LAYERS ${DEPENDENCY} other)
  if(own EQUAL -1)
    message(FATAL_ERROR "src/${NAME} is not in BATUTA_LAYERS (cmake/batuta_library.cmake)")
  endif()
  if(other EQUAL -1 OR NOT other LESS own)
    message(FATAL_ERROR "src/${NAME} may not depend on ${DEPENDENCY}: it is not in a lower layer")
  endif()
  if(NOT TARGET ${DEPENDENCY})
    message(FATAL_ERROR "src/${NAME} depends on ${DEPENDENCY}, which is not declared before it")
  endif()
endfunction()

function(batuta_protos NAME)
  set(generated ${CMAKE_BINARY_DIR}/generated/${NAME})
  file(MAKE_DIRECTORY ${generated})
  set(outputs "")
  foreach(proto IN LISTS ARGN)
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(header ${generated}/${NAME}/${stem}.pb.h)
    set(source ${generated}/${NAME}/${stem}.pb.cc)
    add_custom_command(
      OUTPUT ${header} ${source}
      COMMAND protobuf::protoc -I ${CMAKE_SOURCE_DIR}/src --cpp_out=${generated}
              ${CMAKE_SOURCE_DIR}/src/${NAME}/${proto}
      DEPENDS ${CMAKE_SOURCE_DIR}/src/${NAME}/${proto}
      COMMENT "protoc ${NAME}/${proto}")
    list(APPEND outputs ${source} ${header})
  endforeach()
  set_source_files_properties(${outputs} PROPERTIES COMPILE_OPTIONS "-w" SKIP_LINTING ON)
  target_sources(${NAME} PRIVATE ${outputs})
  target_include_directories(${NAME} SYSTEM PUBLIC ${generated})
  target_link_libraries(${NAME} PUBLIC protobuf::libprotobuf)
  add_custom_target(${NAME}_protos DEPENDS ${outputs})
endfunction()

function(batuta_library NAME)
  cmake_parse_arguments(PARSE_ARGV 1 LIB "" "" "SOURCES;PROTOS;DEPS;EXTERNAL;TESTS;TEST_DEPS")
  if(LIB_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "batuta_library(${NAME}): unknown arguments ${LIB_UNPARSED_ARGUMENTS}")
  endif()
  foreach(dependency IN LISTS LIB_DEPS)
    batuta_check_layer(${NAME} ${dependency})
  endforeach()

  set(root ${CMAKE_BINARY_DIR}/include/${NAME})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${NAME} ${root}/${NAME} SYMBOLIC)

  add_library(${NAME} STATIC ${LIB_SOURCES})
  target_include_directories(${NAME} PUBLIC ${root})
  target_compile_options(${NAME} PRIVATE ${BATUTA_WARNINGS})
  target_link_libraries(${NAME} PUBLIC ${LIB_DEPS} ${LIB_EXTERNAL})
  if(LIB_PROTOS)
    batuta_protos(${NAME} ${LIB_PROTOS})
  endif()
  foreach(dependency IN LISTS LIB_DEPS)
    if(TARGET ${dependency}_protos)
      add_dependencies(${NAME} ${dependency}_protos)
    endif()
  endforeach()

  batuta_precompile(${NAME})

  if(LIB_TESTS AND BUILD_TESTING)
    batuta_test(${NAME}_test SOURCES ${LIB_TESTS} DEPS ${NAME} ${LIB_TEST_DEPS})
  endif()
endfunction()

# Headers that nearly every file includes are compiled once (option BATUTA_PCH): for libraries with
# `base`, for programs with a target of their own, as those are compiled with other flags.
set(BATUTA_PCH_HEADERS
    <algorithm> <array> <atomic> <cstdint> <functional> <map> <memory> <optional> <set> <span> <string>
    <string_view> <utility> <vector>
    "<absl/container/btree_map.h>" "<absl/container/flat_hash_map.h>" "<absl/status/statusor.h>"
    "<absl/strings/str_cat.h>" "<absl/synchronization/mutex.h>"
    "<google/protobuf/generated_message_util.h>" "<google/protobuf/message.h>"
    "<google/protobuf/repeated_field.h>")

function(batuta_precompile NAME)
  if(NOT BATUTA_PCH)
    return()
  endif()
  get_target_property(type ${NAME} TYPE)
  if(NAME STREQUAL "base")
    target_precompile_headers(base PRIVATE ${BATUTA_PCH_HEADERS})
  elseif(type STREQUAL "EXECUTABLE")
    if(NOT TARGET batuta_program_pch)
      file(WRITE ${CMAKE_BINARY_DIR}/program_pch.cc "int main() { return 0; }\n")
      add_executable(batuta_program_pch ${CMAKE_BINARY_DIR}/program_pch.cc)
      target_compile_options(batuta_program_pch PRIVATE ${BATUTA_WARNINGS})
      target_link_libraries(batuta_program_pch PRIVATE base GTest::gmock)
      target_precompile_headers(batuta_program_pch PRIVATE ${BATUTA_PCH_HEADERS} <gmock/gmock.h>
                                <gtest/gtest.h>)
    endif()
    target_precompile_headers(${NAME} REUSE_FROM batuta_program_pch)
  else()
    target_precompile_headers(${NAME} REUSE_FROM base)
  endif()
endfunction()

# batuta_test(NAME SOURCES ... DEPS ...): one GoogleTest binary whose cases ctest lists one by one.
function(batuta_test NAME)
  cmake_parse_arguments(PARSE_ARGV 1 TEST "" "" "SOURCES;DEPS")
  add_executable(${NAME} ${TEST_SOURCES} ${CMAKE_SOURCE_DIR}/cmake/test_temp_folder.cc)
  if(BATUTA_SANITIZE STREQUAL "thread")
    target_sources(${NAME} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/tsan_absl.cc)
    target_link_libraries(${NAME} PRIVATE absl::synchronization absl::time)
  endif()
  target_compile_options(${NAME} PRIVATE ${BATUTA_WARNINGS})
  target_link_libraries(${NAME} PRIVATE ${TEST_DEPS} GTest::gmock GTest::gtest_main)
  batuta_precompile(${NAME})
  gtest_discover_tests(${NAME} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300
                       WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()

# batuta_benchmark(NAME SOURCES ... DEPS ...): one Google Benchmark binary, run by `make bench`.
function(batuta_benchmark NAME)
  cmake_parse_arguments(PARSE_ARGV 1 BENCH "" "" "SOURCES;DEPS")
  add_executable(${NAME} ${BENCH_SOURCES})
  target_compile_options(${NAME} PRIVATE ${BATUTA_WARNINGS})
  target_link_libraries(${NAME} PRIVATE ${BENCH_DEPS} benchmark::benchmark)
endfunction()
