// The rows of an import in batches, as they are sent.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/row_source.h"
#include "outdial/v1/dl_list_service.pb.h"

namespace outdial::cli {

struct Refusal {
  SourceRow row;
  std::string reason;
};

// Rows on their way, and the rows among them that could not be sent. These are reported together
// with the batch's answer, so that an import that is gone on with reports no row twice.
struct ImportBatch {
  v1::OutDlListImportRequest request;
  // The sent rows, in order.
  std::vector<SourceRow> rows;
  std::vector<Refusal> refusals;
  // How much of the file was read with this batch.
  uint64_t file_bytes = 0;

  uint64_t first_row() const { return request.batch().first_row(); }
};

// Makes batches of a file's rows. The rows that can be sent are numbered from 0; the same file
// always gives the same numbers, which is what makes going on possible. Belongs to one thread.
class BatchMaker {
 public:
  // `source` must outlive it.
  explicit BatchMaker(RowSource* source) : source_(source) {}

  // Leaves out the rows before this one: they are durable already.
  void SkipTo(uint64_t row) { first_wanted_ = row; }

  // False: the file has ended; then `batch` may still hold refusals. A batch without rows has
  // nothing but refusals, and only where very many rows in a row could not be sent.
  bool Next(ImportBatch* batch);

  // Rows that can be sent, so far; with those that were left out.
  uint64_t rows() const { return next_row_; }
  // Rows left out by SkipTo that could not be sent.
  uint64_t skipped_refusals() const { return skipped_refusals_; }

 private:
  RowSource* const source_;
  uint64_t next_row_ = 0;
  uint64_t first_wanted_ = 0;
  uint64_t skipped_refusals_ = 0;
};

}  // namespace outdial::cli
