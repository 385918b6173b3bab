#include "server/import_stream.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "engine/errors.h"

namespace outdial::server {
namespace {

constexpr char kMethod[] = "OutDlListImport";

// Empty when the request is what must come at this point of the stream.
absl::Status CheckStep(const v1::OutDlListImportRequest& request, bool begun) {
  if (!begun && !request.has_begin()) {
    return engine::InvalidField("begin", "must be given in the first request of the stream");
  }
  if (begun && !request.has_batch()) {
    return engine::InvalidField("batch", "must be given in each request after the first");
  }
  if (begun && request.batch().rows_size() > engine::kMaxImportSliceRows) {
    return engine::InvalidField(
        "batch.rows", absl::StrCat("must hold at most ", engine::kMaxImportSliceRows, " rows"));
  }
  return absl::OkStatus();
}

}  // namespace

ImportStream* ImportStream::Start(const ServiceDeps& deps, grpc::CallbackServerContext* context,
                                  const absl::Status& admitted) {
  auto stream = std::make_shared<ImportStream>(deps, context);
  stream->self_ = stream;
  if (!admitted.ok()) {
    stream->EndAfterAnswers(admitted);
  } else if (!deps.imports->Add(stream)) {
    stream->EndAfterAnswers(engine::ResourceExhausted(
        engine::Reason::kLimitReached,
        absl::StrCat("at most ", OpenImports::kMaxImports,
                     " imports run at once; try again when one has ended")));
  } else {
    stream->Advance();
  }
  return stream.get();
}

void ImportStream::Advance() {
  absl::MutexLock lock(&mutex_);
  if (ended_) return;
  if (!writing_ && !steps_.empty() && steps_.front().waiting_replies == 0) {
    Step& step = steps_.front();
    if (step.end.has_value()) return End(*step.end);
    writing_ = true;
    StartWrite(&step.answer);
  }
  if (deps_.gate->draining()) {
    if (steps_.empty() && intake_ != Intake::kTaking) End(CallGate::DrainStatus());
    return;
  }
  if (intake_ != Intake::kPaused || steps_.size() >= kMaxSteps) return;
  intake_ = Intake::kReading;
  StartRead(&request_);
}

void ImportStream::End(const absl::Status& status) {
  if (!std::exchange(ended_, true)) Finish(deps_.gate->End(kMethod, status));
}

void ImportStream::EndAfterAnswers(absl::Status status) {
  {
    absl::MutexLock lock(&mutex_);
    intake_ = Intake::kTaking;  // for good
    steps_.emplace_back().end = std::move(status);
  }
  Advance();
}

void ImportStream::EndIfStalled(engine::MonotonicTime now) {
  absl::MutexLock lock(&mutex_);
  const bool is_silent = steps_.empty() && intake_ == Intake::kReading;
  if (ended_ || !(is_silent || writing_)) return;
  if (!idle_since_.has_value()) idle_since_ = now;
  if (now - *idle_since_ < kMaxStall) return;
  // Nothing can be sent behind an answer that is not taken. Under the lock, since the context
  // may be gone once OnWriteDone went on; that does not run inside of this call.
  if (writing_) return context_->TryCancel();
  End(absl::DeadlineExceededError(
      absl::StrCat("the client has sent nothing for ", absl::FormatDuration(kMaxStall),
                   "; the import goes on when it is begun again with its request_id")));
}

void ImportStream::OnReadDone(bool ok) {
  {
    absl::MutexLock lock(&mutex_);
    if (ended_) return;
    intake_ = Intake::kTaking;
    idle_since_.reset();
  }
  // The client has sent all, or is gone; either way what was acknowledged stays.
  if (!ok) return EndAfterAnswers(absl::OkStatus());
  TakeRequest();
}

void ImportStream::TakeRequest() {
  if (absl::Status status = CheckStep(request_, begun_); !status.ok()) {
    return EndAfterAnswers(std::move(status));
  }
  std::vector<engine::Action> actions = TakeActions();
  Step* step = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    step = &steps_.emplace_back();
    step->waiting_replies = actions.size();
  }
  for (engine::Action& action : actions) {
    // The stream may end before its last replies come.
    deps_.control->Post(std::move(action), [stream = self_, step](auto result) {
      stream->OnReply(step, std::move(result));
    });
  }
  {
    absl::MutexLock lock(&mutex_);
    intake_ = Intake::kPaused;
  }
  Advance();
}

// All slices of a batch, so that the loop may take as many of them at once as it has time for. The
// engine refuses what comes after one that failed: rows would be missing in between.
std::vector<engine::Action> ImportStream::TakeActions() {
  if (!std::exchange(begun_, true)) {
    begin_ = request_.begin();
    return {engine::ImportBegin{begin_}};
  }
  v1::OutDlListImportBatch& batch = *request_.mutable_batch();
  std::vector<engine::Action> slices;
  int row = 0;
  do {
    engine::ImportSlice slice;
    slice.begin = begin_;
    slice.batch.set_first_row(batch.first_row() + static_cast<uint64_t>(row));
    for (; row < batch.rows_size() && slice.batch.rows_size() < kSliceRows; ++row) {
      slice.batch.add_rows()->Swap(batch.mutable_rows(row));
    }
    slices.push_back(std::move(slice));
  } while (row < batch.rows_size());
  return slices;
}

void ImportStream::OnReply(Step* step, absl::StatusOr<engine::ActionResult> result) {
  {
    absl::MutexLock lock(&mutex_);
    if (result.ok()) {
      TakeAnswer(std::get<v1::OutDlListImportResponse>(*std::move(result)), step);
    } else if (!step->end.has_value()) {
      step->end = result.status();
    }
    if (--step->waiting_replies > 0) return;
  }
  Advance();
}

void ImportStream::TakeAnswer(v1::OutDlListImportResponse answer, Step* step) {
  if (begin_.dry_run()) {
    // The engine keeps nothing of a dry run, and counts each slice for itself.
    answer.set_accepted(dry_run_.accepted() + answer.accepted());
    answer.set_refused(dry_run_.refused() + answer.refused());
    answer.set_duplicates(dry_run_.duplicates() + answer.duplicates());
    dry_run_ = answer;
    dry_run_.clear_refused_rows();
  }
  // Counts are of the whole import: the last ones are merged over those before them.
  step->answer.MergeFrom(answer);
}

void ImportStream::OnWriteDone(bool ok) {
  {
    absl::MutexLock lock(&mutex_);
    if (!ok) return End(absl::CancelledError("the client is gone, or takes no answers"));
    writing_ = false;
    idle_since_.reset();
    steps_.pop_front();
  }
  Advance();
}

void ImportStream::OnDone() {
  deps_.imports->Remove(this);
  self_.reset();
}

grpc::ServerBidiReactor<v1::OutDlListImportRequest, v1::OutDlListImportResponse>* RunImport(
    const ServiceDeps& deps, grpc::CallbackServerContext* context) {
  return ImportStream::Start(deps, context, deps.gate->Admit(*context));
}

}  // namespace outdial::server
