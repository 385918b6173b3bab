#include "cli/import_progress.h"

#include <gtest/gtest.h>

namespace outdial::cli {
namespace {

constexpr absl::Time kStart = absl::UnixEpoch();

TEST(ImportProgressTest, ShowsShareRateAndTheTimeThatIsLeft) {
  ImportProgress progress(1000);
  EXPECT_EQ(progress.Text(0, 0, kStart), "[                    ]   0%  0 rows");
  EXPECT_EQ(progress.Text(250, 5000, kStart + absl::Seconds(30)),
            "[=====               ]  25%  5000 rows  166 rows/s  1m30s left");
}

TEST(ImportProgressTest, WhatAnEarlierImportDidIsNoRate) {
  ImportProgress progress(1000);
  progress.Text(800, 80000, kStart);
  EXPECT_EQ(progress.Text(900, 81000, kStart + absl::Seconds(10)),
            "[==================  ]  90%  81000 rows  100 rows/s  10s left");
}

TEST(ImportProgressTest, WithoutALengthThereIsNoEnd) {
  ImportProgress progress(0);
  progress.Text(0, 0, kStart);
  EXPECT_EQ(progress.Text(9, 100, kStart + absl::Seconds(10)), "100 rows  10 rows/s");
}

}  // namespace
}  // namespace outdial::cli
