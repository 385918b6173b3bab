#include "ami_gateway/parking_lots.h"

#include "gtest/gtest.h"

namespace outdial::ami {
namespace {

AmiMessage Lot(const char* first, const char* last) {
  return {{"Event", "Parkinglot"}, {"Name", "lot"}, {"StartSpace", first}, {"StopSpace", last}};
}
AmiMessage Space(const char* event, const char* space) {
  return {{"Event", event}, {"Parkinglot", "lot"}, {"ParkingSpace", space}};
}

TEST(ParkingLotsTest, CountsFreeSpaces) {
  ParkingLots lots;
  std::string lot;
  EXPECT_TRUE(lots.Apply(Lot("701", "703"), &lot));
  EXPECT_EQ(lot, "lot");
  EXPECT_TRUE(lots.Apply(Space("ParkedCall", "701"), &lot));
  EXPECT_FALSE(lots.Apply(Space("ParkedCall", "701"), &lot));  // the list, then the live event
  EXPECT_TRUE(lots.Apply(Space("ParkedCall", "703"), &lot));
  EXPECT_EQ(lots.Seen("lot").free_spaces, 1);
  EXPECT_TRUE(lots.Apply(Space("UnParkedCall", "701"), &lot));
  EXPECT_TRUE(lots.Apply(Space("ParkedCallTimeOut", "703"), &lot));
  EXPECT_FALSE(lots.Apply(Space("ParkedCallGiveUp", "703"), &lot));
  EXPECT_EQ(lots.Seen("lot").free_spaces, 3);
}

TEST(ParkingLotsTest, IgnoresWhatIsOutsideOfTheLot) {
  ParkingLots lots;
  std::string lot;
  EXPECT_FALSE(lots.Apply(Space("ParkedCall", "701"), &lot));
  lots.Apply(Lot("701", "703"), &lot);
  EXPECT_FALSE(lots.Apply(Space("ParkedCall", "704"), &lot));
  EXPECT_FALSE(lots.Apply(Space("ParkedCall", "x"), &lot));
  EXPECT_EQ(lots.SeenAll().at(0).free_spaces, 3);
}

TEST(ParkingLotsTest, RefusesLotsThatCannotBe) {
  ParkingLots lots;
  std::string lot;
  EXPECT_FALSE(lots.Apply(Lot("703", "701"), &lot));
  EXPECT_FALSE(lots.Apply(Lot("-1", "5"), &lot));
  EXPECT_FALSE(lots.Apply(Lot("0", "2147483647"), &lot));
  EXPECT_TRUE(lots.SeenAll().empty());
}

}  // namespace
}  // namespace outdial::ami
