# Flags, and the two functions that every folder uses to add a library or a test.

add_library(outdial_flags INTERFACE)
target_compile_options(
  outdial_flags
  INTERFACE -Wall
            -Wextra
            -Werror
            -Wshadow
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wimplicit-fallthrough
            -fno-omit-frame-pointer)
target_include_directories(outdial_flags INTERFACE ${CMAKE_SOURCE_DIR})

# The allocator of programs that dial: records are many small strings, of which the C library's own
# one makes a sixth of what a decision costs. A sanitizer brings its own.
add_library(outdial_allocator INTERFACE)
if(NOT OUTDIAL_SANITIZE)
  find_library(OUTDIAL_JEMALLOC jemalloc REQUIRED)
  target_link_libraries(outdial_allocator INTERFACE ${OUTDIAL_JEMALLOC})
endif()

if(OUTDIAL_SANITIZE)
  # GCC warns falsely of uninitialized variables in code that a sanitizer has rewritten.
  add_compile_options(-fsanitize=${OUTDIAL_SANITIZE} -fno-sanitize-recover=all -D_GLIBCXX_ASSERTIONS
                      -Wno-maybe-uninitialized)
  add_link_options(-fsanitize=${OUTDIAL_SANITIZE})
endif()
if(OUTDIAL_SANITIZE MATCHES thread)
  set(tsan_protobuf ${CMAKE_SOURCE_DIR}/cmake/tsan_protobuf.h)
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include ${tsan_protobuf}>")
endif()
if(OUTDIAL_SANITIZE MATCHES undefined)
  # These three are checks on every access; in the headers of gRPC they double the time of a compile.
  # AddressSanitizer sees an access through a null or dangling pointer anyway.
  add_compile_options(-fno-sanitize=null,alignment,vptr)
endif()

find_program(OUTDIAL_CCACHE ccache)
if(OUTDIAL_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${OUTDIAL_CCACHE})
endif()
find_program(OUTDIAL_MOLD mold)
if(OUTDIAL_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# outdial_library(NAME SOURCES file... DEPS target...): library outdial_NAME, alias outdial::NAME.
# DEPS are public: the headers show them. What may depend on what is told in engine/README.md and
# checked by tests/layering_test.py.
function(outdial_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(outdial_${name} STATIC ${ARG_SOURCES})
  add_library(outdial::${name} ALIAS outdial_${name})
  target_link_libraries(outdial_${name} PUBLIC ${ARG_DEPS} PRIVATE outdial_flags)
  target_include_directories(outdial_${name} PUBLIC ${CMAKE_SOURCE_DIR})
endfunction()

# outdial_test(NAME SOURCES file... DEPS target... [LABEL label] [TIMEOUT seconds] [ARGS arg...]):
# a GoogleTest program, one ctest entry. Labels are unit (default), scenario, simulation,
# conformance, integration and lab (needs the real Asterisk). tests/CMakeLists.txt sets
# OUTDIAL_TEST_DATA for the folder of test data.
function(outdial_test name)
  cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;DEPS;ARGS" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  if(OUTDIAL_SANITIZE)
    # What a sanitizer watches runs several times slower.
    math(EXPR ARG_TIMEOUT "5 * ${ARG_TIMEOUT}")
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} outdial_flags GTest::gmock_main)
  if(OUTDIAL_SANITIZE MATCHES thread)
    target_link_libraries(${name} PRIVATE outdial_tsan_absl)
    set_target_properties(${name} PROPERTIES ENABLE_EXPORTS ON)
  endif()
  target_compile_definitions(${name} PRIVATE OUTDIAL_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/testdata")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name} ${ARG_ARGS})
  set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT})
endfunction()

# outdial_script_test(NAME COMMAND command... [LABEL label] [TIMEOUT seconds] [SERIAL]): a test that
# is a script or drives the built programs; one ctest entry. SERIAL: nothing else runs beside it.
function(outdial_script_test name)
  cmake_parse_arguments(ARG "SERIAL" "LABEL;TIMEOUT" "COMMAND" ${ARGN})
  if(NOT ARG_LABEL)
    set(ARG_LABEL unit)
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_test(NAME ${name} COMMAND ${ARG_COMMAND})
  set_tests_properties(
    ${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} RUN_SERIAL ${ARG_SERIAL}
                       ENVIRONMENT "OUTDIAL_PROGRAMS=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
endfunction()
