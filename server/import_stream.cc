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

ImportStream* ImportStream::Start(const ServiceDeps& deps, const absl::Status& admitted) {
  auto stream = std::make_shared<ImportStream>(deps);
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
  {
    // Under the lock, so that Drain can't end the call between the two; reactions never run
    // inside of StartRead.
    absl::MutexLock lock(&mutex_);
    if (!deps_.gate->draining()) {
      reading_ = true;
      StartRead(&request_);
      return;
    }
  }
  End(CallGate::DrainStatus());
}

void ImportStream::EndIfReading() {
  if (StopReading()) End(CallGate::DrainStatus());
}

bool ImportStream::StopReading() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(reading_, false);
}

void ImportStream::OnReadDone(bool ok) {
  if (!StopReading()) return;
  // The client has sent all, or is gone; either way what was acknowledged stays.
  if (!ok) return End(absl::OkStatus());
  TakeRequest();
}

void ImportStream::TakeRequest() {
  if (absl::Status status = CheckStep(request_, begun_); !status.ok()) return End(status);
  const auto on_reply = [this](absl::StatusOr<engine::ActionResult> result) {
    OnReply(std::move(result));
  };
  if (begun_) {
    engine::ImportSlice slice;
    slice.begin = begin_;
    slice.batch = std::move(*request_.mutable_batch());
    return deps_.control->Post(std::move(slice), on_reply);
  }
  begun_ = true;
  begin_ = request_.begin();
  deps_.control->Post(engine::ImportBegin{begin_}, on_reply);
}

void ImportStream::OnReply(absl::StatusOr<engine::ActionResult> result) {
  if (!result.ok()) return End(result.status());
  response_ = std::get<v1::OutDlListImportResponse>(*std::move(result));
  StartWrite(&response_);
}

void ImportStream::OnWriteDone(bool ok) {
  if (!ok) return End(absl::CancelledError("the client is gone"));
  Read();
}

void ImportStream::End(const absl::Status& status) { Finish(deps_.gate->End(kMethod, status)); }

void ImportStream::OnDone() {
  deps_.imports->Remove(this);
  self_.reset();
}

grpc::ServerBidiReactor<v1::OutDlListImportRequest, v1::OutDlListImportResponse>* RunImport(
    const ServiceDeps& deps, grpc::CallbackServerContext* context) {
  return ImportStream::Start(deps, deps.gate->Admit(*context));
}

}  // namespace outdial::server
