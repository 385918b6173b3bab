#include "cli/import_batches.h"

#include <utility>

namespace outdial::cli {
namespace {

// The API's bound of a batch.
constexpr int kMaxBatchRows = 1000;
// Well below the 4 MiB that gRPC takes by default.
constexpr size_t kMaxBatchBytes = 1 << 20;

}  // namespace

bool BatchMaker::Next(ImportBatch* batch) {
  *batch = ImportBatch();
  auto* message = batch->request.mutable_batch();
  size_t bytes = 0;
  SourceRow row;
  while (message->rows_size() < kMaxBatchRows && bytes < kMaxBatchBytes) {
    v1::Dl dl;
    std::string error;
    if (!source_->Next(&row, &dl, &error)) break;
    const bool is_wanted = next_row_ >= first_wanted_;
    if (!error.empty()) {
      if (is_wanted) {
        batch->refusals.push_back({std::move(row), std::move(error)});
      } else {
        ++skipped_refusals_;
      }
      continue;
    }
    if (is_wanted) {
      if (message->rows_size() == 0) message->set_first_row(next_row_);
      bytes += dl.ByteSizeLong();
      *message->add_rows() = std::move(dl);
      batch->rows.push_back(std::move(row));
    }
    ++next_row_;
  }
  return message->rows_size() > 0;
}

}  // namespace outdial::cli
