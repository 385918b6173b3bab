#include "cli/import_batches.h"

#include <utility>

namespace outdial::cli {
namespace {

// The API's bound of a batch.
constexpr int kMaxBatchRows = 1000;
// Well below the 4 MiB that gRPC takes by default.
constexpr size_t kMaxBatchBytes = 1 << 20;
// Of a batch and what could not be sent with it: a file of nothing but broken rows is not held.
constexpr size_t kMaxRefusals = 1000;

}  // namespace

bool BatchMaker::Next(ImportBatch* batch) {
  *batch = ImportBatch();
  auto* message = batch->request.mutable_batch();
  size_t bytes = 0;
  SourceRow row;
  while (message->rows_size() < kMaxBatchRows && bytes < kMaxBatchBytes &&
         batch->refusals.size() < kMaxRefusals) {
    v1::Dl dl;
    std::string error;
    if (!source_->Next(&row, &dl, &error)) return message->rows_size() > 0;
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
  return true;
}

}  // namespace outdial::cli
