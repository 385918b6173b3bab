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
    stream->End(admitted);
  } else if (!deps.imports->Add(stream)) {
    stream->End(engine::ResourceExhausted(
        engine::Reason::kLimitReached,
        absl::StrCat("at most ", OpenImports::kMaxImports,
                     " imports run at once; try again when one has ended")));
  } else {
    stream->Read();
  }
  return stream.get();
}

void ImportStream::Read() {
  // Under the lock, so that Drain can't end the call between the two; reactions never run inside
  // of StartRead.
  absl::MutexLock lock(&mutex_);
  if (deps_.gate->draining()) return;
  reading_ = true;
  StartRead(&request_);
}

void ImportStream::EndIfIdle() {
  if (StopIfIdle()) End(CallGate::DrainStatus());
}

void ImportStream::EndIfStalled(engine::MonotonicTime now) {
  {
    absl::MutexLock lock(&mutex_);
    if (!writing_ && (busy_ || !reading_)) return;
    if (!idle_since_.has_value()) idle_since_ = now;
    if (now - *idle_since_ < kMaxStall) return;
    // Nothing can be sent behind an answer that is not taken. Under the lock, since the context
    // may be gone once OnWriteDone went on; that does not run inside of this call.
    if (writing_) return context_->TryCancel();
    reading_ = false;
  }
  End(absl::DeadlineExceededError(
      absl::StrCat("the client has sent nothing for ", absl::FormatDuration(kMaxStall),
                   "; the import goes on when it is begun again with its request_id")));
}

bool ImportStream::StopIfIdle() {
  absl::MutexLock lock(&mutex_);
  return !busy_ && std::exchange(reading_, false);
}

void ImportStream::OnReadDone(bool ok) {
  {
    absl::MutexLock lock(&mutex_);
    if (!std::exchange(reading_, false)) return;  // the stream was ended meanwhile
    idle_since_.reset();
    if (busy_) {
      (ok ? has_request_ : client_is_done_) = true;
      return;
    }
    busy_ = true;
  }
  // The client has sent all, or is gone; either way what was acknowledged stays.
  if (!ok) return End(absl::OkStatus());
  TakeRequest();
}

void ImportStream::TakeRequest() {
  if (absl::Status status = CheckStep(request_, begun_); !status.ok()) return End(status);
  std::vector<engine::Action> actions = TakeActions();
  {
    absl::MutexLock lock(&mutex_);
    response_.Clear();
    waiting_replies_ = static_cast<int>(actions.size());
  }
  // The last reply may come, and end the stream, before the last Post has returned.
  const std::shared_ptr<ImportStream> alive = self_;
  Read();
  for (engine::Action& action : actions) {
    deps_.control->Post(std::move(action), [this](absl::StatusOr<engine::ActionResult> result) {
      OnReply(std::move(result));
    });
  }
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

void ImportStream::OnReply(absl::StatusOr<engine::ActionResult> result) {
  absl::Status failure;
  {
    absl::MutexLock lock(&mutex_);
    if (result.ok()) {
      TakeAnswer(std::get<v1::OutDlListImportResponse>(*result));
    } else {
      failure_.Update(result.status());
    }
    if (--waiting_replies_ > 0) return;
    failure = failure_;
    writing_ = failure.ok();
  }
  if (!failure.ok()) return End(failure);
  StartWrite(&response_);
}

void ImportStream::TakeAnswer(v1::OutDlListImportResponse answer) {
  if (begin_.dry_run()) {
    // The engine keeps nothing of a dry run, and counts each slice for itself.
    answer.set_accepted(dry_run_.accepted() + answer.accepted());
    answer.set_refused(dry_run_.refused() + answer.refused());
    answer.set_duplicates(dry_run_.duplicates() + answer.duplicates());
    dry_run_ = answer;
    dry_run_.clear_refused_rows();
  }
  // Counts are of the whole import: the last ones are merged over those before them.
  response_.MergeFrom(answer);
}

void ImportStream::OnWriteDone(bool ok) {
  bool has_request = false;
  {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    idle_since_.reset();
  }
  if (!ok) return End(absl::CancelledError("the client is gone, or takes no answers"));
  {
    absl::MutexLock lock(&mutex_);
    has_request = std::exchange(has_request_, false);
    busy_ = has_request;
    // Where the next request is being read, OnReadDone goes on, or Drain ends the stream.
    if (!has_request && reading_ && !deps_.gate->draining()) return;
    if (!has_request) reading_ = false;  // Drain must not end it as well
  }
  if (has_request) return TakeRequest();
  End(deps_.gate->draining() ? CallGate::DrainStatus() : absl::OkStatus());
}

void ImportStream::End(const absl::Status& status) {
  {
    absl::MutexLock lock(&mutex_);
    reading_ = false;
  }
  Finish(deps_.gate->End(kMethod, status));
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
