// Imports that nobody should send, to the real server with its run loop and RocksDB, which dials
// meanwhile: each gets a clear answer, memory stays bounded, and dialling goes on.
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "outdial/v1/dl_list_service.grpc.pb.h"
#include "server/open_imports.h"
#include "tests/bench/bench_import.h"
#include "tests/bench/bench_server.h"
#include "tests/storage/temp_directory.h"

namespace outdial::server {
namespace {

using ::testing::HasSubstr;

constexpr int kCallsAtOnce = 8;
// Each may be dialled twenty times: more than the tests have time for.
constexpr uint64_t kDialledRows = 50'000;
constexpr uint64_t kDials = 2000;
constexpr int kRowsPerBatch = 1000;
constexpr uint64_t kMiB = uint64_t{1} << 20;

// Of this process, server and client, in bytes.
uint64_t ResidentBytes() {
  uint64_t pages = 0, resident_pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident_pages;
  return resident_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

// Sanitizers keep what was freed for a while.
void ExpectGrowthBelow(uint64_t limit, uint64_t before) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(ResidentBytes(), before + limit);
#else
  static_cast<void>(limit + before);
#endif
}

class Import {
 public:
  Import(bench::BenchServer& server, const std::string& dlma, const std::string& request_id)
      : stub_(v1::OutDlListService::NewStub(server.channel())) {
    stream_ = stub_->OutDlListImport(&context_);
    v1::OutDlListImportRequest request;
    request.mutable_begin()->set_dlma_uuid(dlma);
    request.mutable_begin()->set_request_id(request_id);
    stream_->Write(request);
  }

  bool Write(const v1::OutDlListImportRequest& request) { return stream_->Write(request); }
  // False: the stream has ended.
  bool Read(v1::OutDlListImportResponse* response) { return stream_->Read(response); }
  grpc::Status Finish() {
    stream_->WritesDone();
    for (v1::OutDlListImportResponse unread; stream_->Read(&unread);) {
    }
    return stream_->Finish();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::OutDlListService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::OutDlListImportRequest, v1::OutDlListImportResponse>>
      stream_;
};

class HostileImportsTest : public testing::Test {
 protected:
  HostileImportsTest() : server_(directory_.path() + "/store", kCallsAtOnce) {
    const std::string dialled = server_.MakeList();
    bench::ImportPeople(server_.channel(), dialled, kDialledRows);
    server_.StartCampaign(dialled);
    WaitForDials();
  }

  // Until kDials more were made; the test's time limit is the bound.
  void WaitForDials() {
    server_.node().Take();
    for (uint64_t dials = 0; dials < kDials; dials += server_.node().Take().count) {
      std::this_thread::yield();
    }
  }

  storage::TempDirectory directory_;
  bench::BenchServer server_;
};

TEST_F(HostileImportsTest, RowsThatAreAllRefusedAreToldAndLeaveNothing) {
  constexpr int kBatches = 200;
  const std::string dlma = server_.MakeList();
  Import import(server_, dlma, "refused");
  v1::OutDlListImportResponse response;
  ASSERT_TRUE(import.Read(&response));
  v1::OutDlListImportRequest request;
  for (int row = 0; row < kRowsPerBatch; ++row) {
    v1::Dl* const bad = request.mutable_batch()->add_rows();
    bad->set_dlma_uuid("of another list");
    bad->set_udata(std::string(1024, 'u'));
  }
  const uint64_t before = ResidentBytes();
  for (int batch = 0; batch < kBatches; ++batch) {
    request.mutable_batch()->set_first_row(static_cast<uint64_t>(batch * kRowsPerBatch));
    ASSERT_TRUE(import.Write(request));
    ASSERT_TRUE(import.Read(&response));
    ASSERT_EQ(response.refused_rows_size(), kRowsPerBatch);
  }
  EXPECT_THAT(response.refused_rows(0).reason(), HasSubstr("must be absent or the list"));
  EXPECT_EQ(response.refused(), static_cast<uint64_t>(kBatches * kRowsPerBatch));
  EXPECT_EQ(response.accepted(), 0u);
  EXPECT_TRUE(import.Finish().ok());
  // The server was sent 200 MiB.
  ExpectGrowthBelow(64 * kMiB, before);
  WaitForDials();
}

TEST_F(HostileImportsTest, OfAHundredAtOnceThoseThatAreTooManyAreToldSo) {
  constexpr int kImports = 100;
  const std::string dlma = server_.MakeList();
  const uint64_t before = ResidentBytes();
  std::vector<std::unique_ptr<Import>> imports, running;
  for (int i = 0; i < kImports; ++i) {
    imports.push_back(std::make_unique<Import>(server_, dlma, absl::StrCat("import ", i)));
  }
  for (std::unique_ptr<Import>& import : imports) {
    v1::OutDlListImportResponse response;
    if (import->Read(&response)) {
      running.push_back(std::move(import));
      continue;
    }
    const grpc::Status refused = import->Finish();
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(refused.error_message(), HasSubstr("at most 32 imports run at once"));
  }
  ASSERT_EQ(running.size(), OpenImports::kMaxImports);

  // About as much as a request may hold, from all of them at once.
  v1::OutDlListImportRequest request;
  for (int row = 0; row < kRowsPerBatch; ++row) {
    request.mutable_batch()->add_rows()->set_detail(std::string(3900, 'd'));
  }
  for (auto& import : running) ASSERT_TRUE(import->Write(request));
  WaitForDials();
  for (auto& import : running) {
    v1::OutDlListImportResponse response;
    ASSERT_TRUE(import->Read(&response));
    EXPECT_EQ(response.next_row(), static_cast<uint64_t>(kRowsPerBatch));
    EXPECT_TRUE(import->Finish().ok());
  }
  // Each batch of 4 MiB as it was sent and taken apart, and what the store holds in memory.
  ExpectGrowthBelow(512 * kMiB, before);
  EXPECT_TRUE(Import(server_, dlma, "one more").Finish().ok());
}

TEST_F(HostileImportsTest, ARowOfAHundredMegabytesIsRefusedBeforeItIsRead) {
  const std::string dlma = server_.MakeList();
  Import import(server_, dlma, "huge");
  v1::OutDlListImportResponse response;
  ASSERT_TRUE(import.Read(&response));
  v1::OutDlListImportRequest request;
  request.mutable_batch()->add_rows()->set_name(std::string(100'000'000, 'x'));
  import.Write(request);
  EXPECT_FALSE(import.Read(&response));
  const grpc::Status refused = import.Finish();
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(refused.error_message(), HasSubstr("larger than max"));
  WaitForDials();
}

}  // namespace
}  // namespace outdial::server
