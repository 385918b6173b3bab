// Prints results in the format that --output names.
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <ostream>
#include <string>

#include "cli/command_table.h"
#include "cli/text_table.h"

namespace outdial::cli {

enum class Layout {
  kOne,   // one record was asked for: all its fields; in json an object
  kMany,  // a list: a table; in json an array
};

// Prints records as they come. Belongs to one thread; `out` must outlive it.
class RecordPrinter {
 public:
  RecordPrinter(OutputFormat format, Layout layout, const google::protobuf::Descriptor& type,
                std::ostream* out);

  void Add(const google::protobuf::Message& record);
  // Ends the document. Not called when the list broke off: then a JSON document stays unclosed, so
  // that nobody takes it for whole.
  void Finish();

 private:
  void AddText(const google::protobuf::Message& record);
  void AddJson(const google::protobuf::Message& record);

  const OutputFormat format_;
  const Layout layout_;
  const google::protobuf::Descriptor& type_;
  std::ostream* const out_;
  // Null but for lists in text.
  std::unique_ptr<TextTable> table_;
  bool is_first_ = true;
};

// Prints one record.
void PrintOne(OutputFormat format, const google::protobuf::Message& record, std::ostream* out);

}  // namespace outdial::cli
