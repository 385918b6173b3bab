// One import, from the first request to the summary.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "cli/command_table.h"
#include "cli/connection.h"
#include "cli/import_batches.h"
#include "cli/import_progress.h"
#include "cli/input_stream.h"
#include "cli/refused_rows.h"
#include "cli/status_line.h"
#include "outdial/v1/dl_list_service.grpc.pb.h"

namespace outdial::cli {

// Belongs to one thread.
class ImportRun {
 public:
  // `context` and `input` must outlive it. `total_bytes` of the file; 0: not known.
  ImportRun(const CommandContext& context, v1::OutDlListImportBegin begin, uint64_t total_bytes,
            const InputBuffer* input);

  // Sends all that `source` has, and prints the summary. kRowsRefused: done, but for some rows.
  // kUnavailable, kInterrupted: cut; the same import goes on. kInvalid: not the file of the import
  // that was begun, or one that can't be read to its end.
  CommandStatus Run(RowSource* source);

 private:
  using Stream = grpc::ClientReaderWriter<v1::OutDlListImportRequest, v1::OutDlListImportResponse>;

  // What is known of the import's course.
  struct Totals {
    // Of the server, over all streams of this import.
    uint64_t next_row = 0;
    uint64_t accepted = 0;
    uint64_t refused_by_server = 0;
    uint64_t duplicates = 0;
    // Rows that could not be sent.
    uint64_t refused_here = 0;

    uint64_t refused() const { return refused_by_server + refused_here; }
  };

  // Each false: the stream broke; its status tells why.
  bool Begin(Stream* stream);
  bool SendAll(BatchMaker* batches, Stream* stream);
  bool ReadAnswer(Stream* stream);
  // Until no batch is on its way.
  bool ReadAnswers(Stream* stream);
  void ShowProgress(const ImportBatch& batch);
  void Take(const v1::OutDlListImportResponse& response);
  void Report(const ImportBatch& batch, const v1::OutDlListImportResponse& response);
  CommandStatus Broken(const grpc::Status& status) const;
  CommandStatus IsAnotherFile(uint64_t rows) const;
  CommandStatus IsDamaged() const;
  CommandStatus Summary(bool has_new_rows);
  void PrintText(bool has_new_rows) const;
  void PrintJson() const;
  CommandStatus SomeWereRefused() const;

  const CommandContext& context_;
  const v1::OutDlListImportBegin begin_;
  const InputBuffer* const input_;
  ImportProgress progress_;
  std::unique_ptr<StatusLine> line_;
  RefusedRows refused_;
  Totals totals_;
  uint64_t first_row_ = 0;
  std::deque<ImportBatch> in_flight_;
};

}  // namespace outdial::cli
