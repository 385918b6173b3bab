// Imports through the real engine, on the real record store in memory.
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_on_store.h"

namespace outdial::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::Dl Row(const std::string& ukey, const std::string& number, const std::string& name = "") {
  v1::Dl dl;
  if (!ukey.empty()) dl.set_ukey(ukey);
  dl.add_number(number);
  if (!name.empty()) dl.set_name(name);
  return dl;
}

class ImportTest : public EngineOnStore {
 protected:
  ImportTest() : EngineOnStore(Config()) {
    begin_.set_dlma_uuid(Do<v1::OutDlmaCreateResponse>(v1::OutDlmaCreateRequest()).dlma().uuid());
    begin_.set_request_id("r");
  }

  static EngineConfig Config() {
    EngineConfig config;
    config.seed = 1;
    return config;
  }
  // The next rows of the import.
  v1::OutDlListImportResponse Import(const std::vector<v1::Dl>& rows) {
    ImportSlice slice{.begin = begin_, .batch = {}};
    slice.batch.set_first_row(next_row_);
    for (const v1::Dl& row : rows) *slice.batch.add_rows() = row;
    const auto response = Do<v1::OutDlListImportResponse>(slice);
    next_row_ = response.next_row();
    return response;
  }
  std::vector<v1::Dl> Entries() {
    return store_->Dls({.dlma = *DlmaUuid::Parse(begin_.dlma_uuid()), .limit = 100})->dls;
  }
  // An entry that was tried twice, and then was busy.
  v1::Dl MakeWorked(const std::string& ukey, const std::string& number) {
    v1::OutDlListCreateRequest request;
    *request.mutable_dl() = Row(ukey, number, "Old");
    request.mutable_dl()->set_dlma_uuid(begin_.dlma_uuid());
    request.mutable_dl()->add_trycnt(2);
    request.mutable_dl()->set_res_dial(v1::DIAL_RESULT_BUSY);
    return Do<v1::OutDlListCreateResponse>(request).dl();
  }

  v1::OutDlListImportBegin begin_;
  uint64_t next_row_ = 0;
};

TEST_F(ImportTest, DuplicatesAreMoreEntriesUnlessAskedOtherwise) {
  const auto response = Import({Row("k", "1"), Row("k", "1")});
  EXPECT_EQ(response.accepted(), 2u);
  EXPECT_EQ(response.duplicates(), 0u);
  EXPECT_EQ(Entries().size(), 2u);
}

TEST_F(ImportTest, RefusesTheUkeyOfAnEntryOrOfAnEarlierRow) {
  const v1::Dl old = MakeWorked("old", "1");
  begin_.set_duplicates(v1::DUPLICATE_RULE_REFUSE);
  const auto response =
      Import({Row("old", "2"), Row("new", "3"), Row("new", "4"), Row("", "1"), Row("", "1")});
  EXPECT_EQ(response.accepted(), 3u) << "a row without a ukey is no duplicate";
  EXPECT_EQ(response.refused(), 2u);
  EXPECT_EQ(response.duplicates(), 2u);
  ASSERT_EQ(response.refused_rows_size(), 2);
  EXPECT_EQ(response.refused_rows(0).row(), 0u);
  EXPECT_EQ(response.refused_rows(0).field(), "dl.ukey");
  EXPECT_THAT(response.refused_rows(0).reason(), HasSubstr(old.uuid()));
  EXPECT_EQ(response.refused_rows(1).row(), 2u);
  const auto next = Import({Row("new", "5"), Row("newer", "6")});
  EXPECT_EQ(next.accepted(), 4u);
  EXPECT_EQ(next.duplicates(), 3u) << "counted over the whole import";
}

TEST_F(ImportTest, ANumberIsTheSameHoweverItIsWritten) {
  MakeWorked("a", "+1 (555) 01-00");
  begin_.set_duplicates(v1::DUPLICATE_RULE_REFUSE);
  begin_.set_duplicate_key(v1::DUPLICATE_KEY_NUMBER);
  v1::Dl second_number = Row("b", "777");
  second_number.add_number("+15550100");
  const auto response = Import({second_number, Row("a", "888")});
  EXPECT_EQ(response.accepted(), 1u) << "only numbers are looked at";
  ASSERT_EQ(response.refused_rows_size(), 1);
  EXPECT_EQ(response.refused_rows(0).field(), "dl.number");
}

TEST_F(ImportTest, ADeletedEntryIsNoDuplicate) {
  v1::OutDlListDeleteRequest request;
  request.set_uuid(MakeWorked("k", "1").uuid());
  Do<v1::OutDlListDeleteResponse>(request);
  begin_.set_duplicates(v1::DUPLICATE_RULE_REFUSE);
  EXPECT_EQ(Import({Row("k", "1")}).accepted(), 1u);
}

TEST_F(ImportTest, AnEntryOfADeletedListIsNoDuplicate) {
  MakeWorked("k", "1");
  v1::OutDlmaDeleteRequest request;
  request.set_uuid(begin_.dlma_uuid());
  Do<v1::OutDlmaDeleteResponse>(request);
  begin_.set_duplicates(v1::DUPLICATE_RULE_MERGE);
  EXPECT_TRUE(absl::IsNotFound(Try(ImportSlice{.begin = begin_, .batch = {}}).status()));
  begin_.set_dlma_uuid(Do<v1::OutDlmaCreateResponse>(v1::OutDlmaCreateRequest()).dlma().uuid());
  for (const v1::DuplicateKey key : {v1::DUPLICATE_KEY_UKEY, v1::DUPLICATE_KEY_NUMBER}) {
    begin_.set_duplicate_key(key);
    begin_.set_dry_run(key == v1::DUPLICATE_KEY_UKEY);
    next_row_ = 0;
    const auto response = Import({Row("k", "1")});
    EXPECT_EQ(response.accepted(), 1u);
    EXPECT_EQ(response.duplicates(), 0u);
    // Its rows are given back after the first of them.
    ASSERT_TRUE(store_->Upkeep(now_).ok());
    ASSERT_TRUE(store_->Commit().ok());
  }
}

TEST_F(ImportTest, AMergeFillsInWhatTheRowHasAndKeepsTheRest) {
  const v1::Dl old = MakeWorked("k", "1");
  begin_.set_duplicates(v1::DUPLICATE_RULE_MERGE);
  v1::Dl row;
  row.set_ukey("k");
  row.set_email("a@example.com");
  row.add_number("");
  row.add_number("2");
  row.add_trycnt(0);
  row.set_res_dial(v1::DIAL_RESULT_ANSWERED);
  const uint64_t events = store_->LastEvent();
  const auto response = Import({row});
  EXPECT_EQ(response.accepted(), 1u);
  EXPECT_EQ(response.duplicates(), 1u);
  ASSERT_EQ(Entries().size(), 1u);
  const v1::Dl merged = Entries()[0];
  EXPECT_EQ(merged.uuid(), old.uuid());
  EXPECT_EQ(merged.revision(), old.revision() + 1);
  EXPECT_EQ(merged.name(), "Old");
  EXPECT_EQ(merged.email(), "a@example.com");
  EXPECT_THAT(merged.number(), ElementsAre("1", "2", "", "", "", "", "", ""));
  EXPECT_EQ(merged.trycnt(0), 2u);
  EXPECT_EQ(merged.res_dial(), v1::DIAL_RESULT_BUSY);
  EXPECT_EQ(store_->LastEvent(), events + 1) << "the slice's event and no other";
  EXPECT_EQ(store_->Events(events, 1)->at(0).import_slice().merged(), 1u);
}

TEST_F(ImportTest, MergingTheSameAgainChangesNothing) {
  begin_.set_duplicates(v1::DUPLICATE_RULE_MERGE);
  const auto response = Import({Row("k", "1", "A"), Row("k", "1", "B"), Row("k", "1", "B")});
  EXPECT_EQ(response.accepted(), 3u);
  EXPECT_EQ(response.duplicates(), 2u);
  ASSERT_EQ(Entries().size(), 1u);
  EXPECT_EQ(Entries()[0].name(), "B");
  EXPECT_EQ(Entries()[0].revision(), 2u);
}

TEST_F(ImportTest, AMergeLeavesADialingAlone) {
  const v1::Dl idle = MakeWorked("k", "1");
  v1::Dl dialled = idle;
  dialled.set_status(v1::DL_STATUS_DIALING);
  dialled.set_dialing_uuid(idle.uuid());
  ASSERT_TRUE(store_->Round().PutDl(&idle, dialled, now_.wall).ok());
  begin_.set_duplicates(v1::DUPLICATE_RULE_MERGE);
  Import({Row("k", "2")});
  const v1::Dl merged = Entries()[0];
  EXPECT_EQ(merged.status(), v1::DL_STATUS_DIALING);
  EXPECT_EQ(merged.dialing_uuid(), idle.uuid());
  EXPECT_EQ(merged.number(0), "2");
}

TEST_F(ImportTest, ADryRunRefusesTheSameAndStoresNothing) {
  MakeWorked("old", "1");
  begin_.set_dry_run(true);
  begin_.set_duplicates(v1::DUPLICATE_RULE_REFUSE);
  next_row_ = 1000;
  const uint64_t events = store_->LastEvent();
  const auto response = Import({Row("old", "2"), Row("new", "3"), Row("bad", "")});
  EXPECT_EQ(response.next_row(), 1003u);
  EXPECT_EQ(response.accepted(), 1u);
  EXPECT_EQ(response.refused_rows_size(), 2);
  EXPECT_EQ(Entries().size(), 1u);
  EXPECT_EQ(store_->LastEvent(), events);
  begin_.set_dry_run(false);
  EXPECT_EQ(Do<v1::OutDlListImportResponse>(ImportBegin{begin_}).next_row(), 0u);
}

TEST_F(ImportTest, OnlyRefusedRowsAreTakenAsRead) {
  const auto response = Import(std::vector<v1::Dl>(1000, Row("k", "")));
  EXPECT_EQ(response.refused_rows_size(), 1000);
  EXPECT_EQ(response.next_row(), 1000u);
  EXPECT_TRUE(Entries().empty());
}

TEST_F(ImportTest, AnUnknownRuleIsRefused) {
  begin_.set_duplicates(static_cast<v1::DuplicateRule>(7));
  const auto result = Try(ImportBegin{begin_});
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace outdial::engine
