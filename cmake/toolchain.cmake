# Compiler flags that hold for every target, and the faster tools where they are installed.

find_program(BATUTA_CCACHE ccache)
if(BATUTA_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${BATUTA_CCACHE})
endif()
find_program(BATUTA_MOLD mold)
if(BATUTA_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

if(BATUTA_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-fpch-preprocess)  # so that ccache can tell what a precompiled header holds
endif()

# The same log must fold to the same bits everywhere: no fused multiply-add, no fast-math.
add_compile_options(-ffp-contract=off -fno-fast-math -fno-omit-frame-pointer)

# Release builds are hardened as the OpenSSF guide advises; assertions of the library stay on.
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()
add_compile_definitions(_GLIBCXX_ASSERTIONS)

if(BATUTA_SANITIZE)
  add_compile_options(-fsanitize=${BATUTA_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BATUTA_SANITIZE})
endif()

# Our own code is held to these; generated code and system headers are not.
set(BATUTA_WARNINGS -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
                    -Wold-style-cast -Woverloaded-virtual)
# From -O2 on gcc 12 sees overflows in inlined std::string code that cannot happen (GCC bug 105329 and
# its kin); clang and the sanitizers look for the real ones.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_FLAGS_RELEASE MATCHES "-O[23]")
  list(APPEND BATUTA_WARNINGS -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow
       -Wno-stringop-overread)
endif()
# clang finds that libstdc++ 12 itself uses in std::stable_sort what it calls deprecated.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  list(APPEND BATUTA_WARNINGS -Wno-deprecated-declarations)
endif()
# Instrumented code hides from gcc 12 that a variable of the standard library is set (GCC bug 105562).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND BATUTA_SANITIZE)
  list(APPEND BATUTA_WARNINGS -Wno-maybe-uninitialized)
endif()
if(BATUTA_WERROR)
  list(APPEND BATUTA_WARNINGS -Werror)
endif()
