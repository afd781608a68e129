# batuta_use_allocator(TARGET): links a program that runs for long with jemalloc. The hub frees on one
# thread what another allocated, and keeps many small things; jemalloc does both with less time and
# less memory than the C library's allocator. Sanitizers bring allocators of their own.
if(BATUTA_SANITIZE STREQUAL "")
  find_library(BATUTA_JEMALLOC jemalloc REQUIRED)
endif()

function(batuta_use_allocator TARGET)
  if(BATUTA_SANITIZE STREQUAL "")
    target_sources(${TARGET} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/allocator.cc)
    target_link_libraries(${TARGET} PRIVATE ${BATUTA_JEMALLOC})
  endif()
endfunction()
