#include "cli/api_comments.h"

#include <google/protobuf/descriptor.pb.h>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace outdial::cli {

// Written by embed_file.cmake: a FileDescriptorSet with source information.
extern const unsigned char kApiDescriptors[];
extern const size_t kApiDescriptorsSize;

namespace {

// The generated descriptors have no comments; this pool has.
const google::protobuf::DescriptorPool& CommentedPool() {
  static const google::protobuf::DescriptorPool& pool = *[] {
    google::protobuf::FileDescriptorSet files;
    files.ParseFromArray(kApiDescriptors, static_cast<int>(kApiDescriptorsSize));
    auto* result = new google::protobuf::DescriptorPool();
    for (const auto& file : files.file()) result->BuildFile(file);
    return result;
  }();
  return pool;
}

template <class Descriptor>
std::string LeadingComment(const Descriptor* descriptor) {
  google::protobuf::SourceLocation location;
  if (descriptor == nullptr || !descriptor->GetSourceLocation(&location)) return "";
  return absl::StrJoin(
      absl::StrSplit(location.leading_comments, absl::ByAnyChar(" \n"), absl::SkipEmpty()), " ");
}

}  // namespace

std::string CommentOf(const google::protobuf::FieldDescriptor& field) {
  return LeadingComment(CommentedPool().FindFieldByName(field.full_name()));
}

std::string CommentOf(const google::protobuf::EnumValueDescriptor& value) {
  return LeadingComment(CommentedPool().FindEnumValueByName(value.full_name()));
}

}  // namespace outdial::cli
