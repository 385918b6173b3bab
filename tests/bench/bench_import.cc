#include "tests/bench/bench_import.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/check.h"
#include "grpcpp/client_context.h"
#include "outdial/v1/dl_list_service.grpc.pb.h"

namespace outdial::bench {
namespace {

constexpr uint64_t kBatchRows = 1000;
constexpr int kBatchesInFlight = 4;

// A bijection without order: no two rows share a key or a number.
uint64_t Scatter(uint64_t row) {
  constexpr uint64_t kTenDigits = 10'000'000'000;
  return row * 7'919'191'919 % kTenDigits;
}

}  // namespace

v1::Dl PersonOf(uint64_t row) {
  v1::Dl dl;
  dl.set_ukey(absl::StrFormat("customer-%010d", Scatter(row)));
  dl.set_name(absl::StrCat("Person ", row));
  dl.add_number(absl::StrFormat("+1%010d", Scatter(row + 1)));
  return dl;
}

uint64_t ImportPeople(const std::shared_ptr<grpc::Channel>& channel, const std::string& dlma,
                      uint64_t rows, const ImportHow& how) {
  grpc::ClientContext context;
  const auto stub = v1::OutDlListService::NewStub(channel);
  const auto stream = stub->OutDlListImport(&context);
  v1::OutDlListImportRequest request;
  v1::OutDlListImportResponse response;
  request.mutable_begin()->set_dlma_uuid(dlma);
  request.mutable_begin()->set_request_id(absl::StrCat(dlma, "-", how.first_person));
  request.mutable_begin()->set_duplicates(how.duplicates);
  OUTDIAL_CHECK(stream->Write(request) && stream->Read(&response), "the import begins");
  int in_flight = 0;
  for (uint64_t row = 0; row < rows && (how.stop == nullptr || !*how.stop); row += kBatchRows) {
    auto* const batch = request.mutable_batch();
    batch->Clear();
    batch->set_first_row(row);
    for (uint64_t i = row; i < std::min(row + kBatchRows, rows); ++i) {
      *batch->add_rows() = PersonOf(how.first_person + i);
    }
    OUTDIAL_CHECK(stream->Write(request), "the stream is open");
    if (++in_flight < kBatchesInFlight) continue;
    OUTDIAL_CHECK(stream->Read(&response), "the server answers");
    --in_flight;
  }
  stream->WritesDone();
  while (stream->Read(&response)) {
  }
  const grpc::Status status = stream->Finish();
  OUTDIAL_CHECK(status.ok(), status.error_message().c_str());
  OUTDIAL_CHECK(response.refused() == 0, "every row is good");
  return response.accepted();
}

void WritePeople(const std::string& path, uint64_t rows, PeopleFormat format) {
  std::ofstream file(path);
  if (format == PeopleFormat::kCsv) file << "ukey,name,number1\n";
  for (uint64_t row = 0; row < rows; ++row) {
    const v1::Dl dl = PersonOf(row);
    if (format == PeopleFormat::kCsv) {
      file << dl.ukey() << ',' << dl.name() << ',' << dl.number(0) << '\n';
    } else {
      file << absl::StreamFormat("{\"ukey\":\"%s\",\"name\":\"%s\",\"number\":[\"%s\"]}\n",
                                 dl.ukey(), dl.name(), dl.number(0));
    }
  }
  file.close();
  OUTDIAL_CHECK(static_cast<bool>(file), "the file of people can be written");
}

}  // namespace outdial::bench
