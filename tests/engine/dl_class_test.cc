#include "engine/dl_class.h"

#include <set>
#include <string>

#include "engine/random.h"
#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

v1::Plan PlanWithMaxRetry(uint32_t max_retry) {
  v1::Plan plan;
  for (int slot = 0; slot < kNumberSlots; ++slot) plan.add_max_retry(max_retry);
  return plan;
}

v1::Dl DlWithNumbers(std::initializer_list<const char*> numbers) {
  v1::Dl dl;
  for (const char* number : numbers) dl.add_number(number);
  for (int slot = 0; slot < kNumberSlots; ++slot) dl.add_trycnt(0);
  return dl;
}

TEST(DlClassTest, HoldsWhatAPlanLooksAt) {
  v1::Dl dl = DlWithNumbers({"100", "", "300"});
  dl.set_trycnt(0, 2);
  dl.set_trycnt(2, 1);
  dl.set_outcome(v1::OUTCOME_BUSY);
  dl.set_res_dial(v1::DIAL_RESULT_BUSY);
  const DlClass dl_class = ClassOf(dl);
  EXPECT_TRUE(dl_class.has_number[0]);
  EXPECT_FALSE(dl_class.has_number[1]);
  EXPECT_TRUE(dl_class.has_number[2]);
  EXPECT_EQ(dl_class.total_tries(), 3);
  EXPECT_EQ(dl_class.outcome, 5);
  EXPECT_EQ(dl_class.res_dial, 5);
}

TEST(DlClassTest, TellsNeverDialledFromFailed) {
  v1::Dl dl = DlWithNumbers({"100"});
  const DlClass never = ClassOf(dl);
  dl.set_res_dial(v1::DIAL_RESULT_FAILED);
  EXPECT_NE(never, ClassOf(dl));
}

TEST(DlClassTest, DoesNotDependOnWhoIsDialled) {
  v1::Dl one = DlWithNumbers({"100"});
  v1::Dl other = DlWithNumbers({"200"});
  other.set_name("Ann");
  other.set_status(v1::DL_STATUS_DIALING);
  EXPECT_EQ(ClassOf(one), ClassOf(other));
}

TEST(DlClassTest, RotatesToTheFirstNumberWithTriesLeft) {
  const v1::Plan plan = PlanWithMaxRetry(2);
  v1::Dl dl = DlWithNumbers({"", "200", "300"});
  EXPECT_EQ(NextNumber(ClassOf(dl), plan), 1);
  dl.set_trycnt(1, 1);
  EXPECT_EQ(NextNumber(ClassOf(dl), plan), 1);
  dl.set_trycnt(1, 2);
  EXPECT_EQ(NextNumber(ClassOf(dl), plan), 2);
  dl.set_trycnt(2, 7);
  EXPECT_EQ(NextNumber(ClassOf(dl), plan), -1);
  EXPECT_TRUE(IsFinished(ClassOf(dl), plan));
}

TEST(DlClassTest, IsFinishedOnceAnswered) {
  const v1::Plan plan = PlanWithMaxRetry(5);
  v1::Dl dl = DlWithNumbers({"100"});
  EXPECT_FALSE(IsFinished(ClassOf(dl), plan));
  dl.set_res_dial(v1::DIAL_RESULT_TIMEOUT);
  EXPECT_FALSE(IsFinished(ClassOf(dl), plan));
  dl.set_res_dial(v1::DIAL_RESULT_ANSWERED);
  EXPECT_TRUE(IsFinished(ClassOf(dl), plan));
}

TEST(DlClassTest, IsFinishedUnderAPlanWithoutTries) {
  EXPECT_TRUE(IsFinished(ClassOf(DlWithNumbers({"100"})), PlanWithMaxRetry(0)));
}

TEST(DlClassTest, EncodesExactly) {
  v1::Dl dl = DlWithNumbers({"100", "", "300"});
  dl.set_trycnt(0, 300);
  EXPECT_EQ(ClassOf(dl).Encode(), std::string("\x05\xAC\x02\0\0\0\0\0\0\0\0\0", 12));
}

TEST(DlClassTest, EncodingTellsClassesApartAndBack) {
  Random random(2);
  std::set<DlClass> classes;
  std::set<std::string> encodings;
  for (int i = 0; i < 5000; ++i) {
    DlClass dl_class;
    for (bool& has : dl_class.has_number) has = random.Below(2) == 1;
    for (uint16_t& tries : dl_class.tries) {
      tries = static_cast<uint16_t>(random.Below(10) == 0 ? random.Below(65536) : random.Below(3));
    }
    dl_class.outcome = static_cast<int16_t>(static_cast<int>(random.Below(14)) - 1);
    dl_class.res_dial = static_cast<int16_t>(static_cast<int>(random.Below(10)) - 1);
    const std::string encoded = dl_class.Encode();
    ASSERT_GE(encoded.size(), 9U);
    ASSERT_EQ(DlClass::Decode(encoded), dl_class);
    classes.insert(dl_class);
    encodings.insert(encoded);
  }
  EXPECT_EQ(classes.size(), encodings.size());
}

TEST(DlClassTest, CountsTriesUpToItsLimit) {
  v1::Dl dl = DlWithNumbers({"100"});
  dl.set_trycnt(0, 1000000);
  EXPECT_EQ(ClassOf(dl).tries[0], 65535);
}

}  // namespace
}  // namespace outdial::engine
