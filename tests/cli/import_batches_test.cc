#include "cli/import_batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "cli/csv_rows.h"

namespace outdial::cli {
namespace {

// Rows that can't be sent, with one in their middle that can.
std::string BrokenRows(int count) {
  std::string csv = "name,number1\n";
  for (int i = 0; i < count; ++i) csv += i == count / 2 ? "good,1\n" : "no number\n";
  return csv;
}

TEST(BatchMakerTest, BrokenRowsAreHandedOutInBoundedBatches) {
  constexpr size_t kRows = 50'000;
  std::istringstream in(BrokenRows(kRows));
  CsvRows rows(&in, ',');
  ASSERT_TRUE(rows.ReadHeader({}).ok());
  BatchMaker batches(&rows);
  ImportBatch batch;
  size_t refusals = 0, most = 0, sent = 0;
  bool is_more = true;
  while (is_more) {
    is_more = batches.Next(&batch);
    refusals += batch.refusals.size();
    most = std::max(most, batch.refusals.size());
    sent += batch.rows.size();
  }
  EXPECT_EQ(refusals, kRows - 1);
  EXPECT_EQ(sent, 1u);
  EXPECT_EQ(batches.rows(), 1u);
  EXPECT_LE(most, 1000u);
}

}  // namespace
}  // namespace outdial::cli
