# Target outdial_google_rpc: google.rpc.Status and the error details that Outdial sends and reads.
#
# The proto files are kept here, cut down to what is used: gRPC's packages do not ship them, and the
# copy in Debian 12 (libgoogle-common-protos-java) is too old to have ErrorInfo.
include_guard(GLOBAL)

set(google_rpc_in ${CMAKE_SOURCE_DIR}/cmake/google_rpc)
set(google_rpc_out ${CMAKE_BINARY_DIR}/google_rpc)
file(MAKE_DIRECTORY ${google_rpc_out})
set(google_rpc_sources)
foreach(base google/rpc/status google/rpc/error_details)
  add_custom_command(
    OUTPUT ${google_rpc_out}/${base}.pb.cc ${google_rpc_out}/${base}.pb.h
    COMMAND protobuf::protoc -I ${google_rpc_in} --cpp_out=${google_rpc_out} ${base}.proto
    DEPENDS ${google_rpc_in}/${base}.proto
    WORKING_DIRECTORY ${google_rpc_in})
  list(APPEND google_rpc_sources ${google_rpc_out}/${base}.pb.cc)
endforeach()

add_library(outdial_google_rpc STATIC ${google_rpc_sources})
target_include_directories(outdial_google_rpc SYSTEM PUBLIC ${google_rpc_out})
target_link_libraries(outdial_google_rpc PUBLIC protobuf::libprotobuf)
