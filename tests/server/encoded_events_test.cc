#include "server/encoded_events.h"

#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "outdial/v1/event_service.pb.h"
#include "server/event_window.h"
#include "server/record_pages.h"
#include "storage/record_store.h"

namespace outdial::server {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Events `after` + 1 to `after` + `count`, each with its position as its uuid too; every second one
// is of a plan, the others of a dlma.
std::vector<v1::Event> Events(uint64_t after, size_t count, size_t detail_bytes = 0) {
  std::vector<v1::Event> events;
  for (uint64_t sequence = after + 1; sequence <= after + count; ++sequence) {
    v1::Event& event = events.emplace_back();
    event.set_position(storage::EncodePosition(sequence));
    if (sequence % 2 == 0) {
      event.set_kind(v1::EVENT_KIND_OUT_PLAN_UPDATE);
      event.mutable_plan()->set_detail(std::string(detail_bytes, 'x'));
    } else {
      event.set_kind(v1::EVENT_KIND_OUT_DLMA_UPDATE);
      event.mutable_dlma()->set_detail(std::string(detail_bytes, 'x'));
    }
  }
  return events;
}

EventWindow::Page Page(uint64_t after, size_t count, size_t detail_bytes = 0) {
  return std::make_shared<const EncodedEvents>(after, Events(after, count, detail_bytes));
}

EventFilter PlansOnly() {
  v1::OutEventSubscribeRequest request;
  request.add_kinds(v1::EVENT_KIND_OUT_PLAN_UPDATE);
  return *EventFilter::Make(request);
}

v1::OutEventSubscribeResponse Decode(EventMessage message) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(message.Encode().Dump(&slices).ok());
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  v1::OutEventSubscribeResponse response;
  EXPECT_TRUE(response.ParseFromString(bytes));
  return response;
}

std::vector<uint64_t> SequencesOf(const v1::OutEventSubscribeResponse& response) {
  std::vector<uint64_t> sequences;
  for (const v1::Event& event : response.events()) {
    sequences.push_back(storage::ParsePosition(event.position()).value_or(0));
  }
  return sequences;
}

TEST(EventMessageTest, HoldsWhatComesAfterTheCursorFromSeveralPages) {
  EventMessage message(2);
  message.Add(*Page(0, 3), EventFilter());
  message.Add(*Page(3, 2), EventFilter());
  const auto response = Decode(message);
  EXPECT_THAT(SequencesOf(response), ElementsAre(3, 4, 5));
  EXPECT_EQ(response.position(), storage::EncodePosition(5));
}

TEST(EventMessageTest, EventsAreWholeAndAsTheyWere) {
  EventMessage message(0);
  message.Add(*Page(0, 2, 100), EventFilter());
  const auto response = Decode(message);
  const std::vector<v1::Event> events = Events(0, 2, 100);
  ASSERT_EQ(response.events_size(), 2);
  EXPECT_EQ(response.events(0).SerializeAsString(), events[0].SerializeAsString());
  EXPECT_EQ(response.events(1).SerializeAsString(), events[1].SerializeAsString());
}

TEST(EventMessageTest, WhatIsFilteredOutMovesTheCursor) {
  EventMessage message(0);
  message.Add(*Page(0, 7), PlansOnly());
  EXPECT_EQ(message.cursor(), 7u);
  EXPECT_THAT(SequencesOf(Decode(message)), ElementsAre(2, 4, 6));

  EventMessage none(0);
  none.Add(*Page(0, 1), PlansOnly());
  EXPECT_FALSE(none.has_events());
  EXPECT_EQ(none.cursor(), 1u);
}

TEST(EventMessageTest, IsFullAfterSoManyEventsWhetherTheyMatchOrNot) {
  EventMessage message(0);
  message.Add(*Page(0, kMaxBatchRecords + 10), PlansOnly());
  EXPECT_TRUE(message.full());
  EXPECT_EQ(message.cursor(), kMaxBatchRecords);
}

TEST(EventMessageTest, IsFullOnceTheLastWantedEventWasLookedAt) {
  EventMessage message(0, 3);
  message.Add(*Page(0, 2), PlansOnly());
  EXPECT_FALSE(message.full());
  message.Add(*Page(2, 5), PlansOnly());
  EXPECT_TRUE(message.full());
  EXPECT_EQ(message.cursor(), 3u);
  EXPECT_THAT(SequencesOf(Decode(message)), ElementsAre(2));
}

TEST(EventMessageTest, EndsBeforeAnEventThatIsTooMuchAndTakesALargeOneAlone) {
  const auto page = Page(0, 2, kMaxBatchBytes);
  EventMessage first(0);
  first.Add(*page, EventFilter());
  EXPECT_TRUE(first.full());
  EXPECT_EQ(first.cursor(), 1u);
  EventMessage second(first.cursor());
  second.Add(*page, EventFilter());
  EXPECT_EQ(second.cursor(), 2u);
  EXPECT_THAT(SequencesOf(Decode(second)), ElementsAre(2));
}

// The sequences that `encoder` gives up to `last`, of a page that begins after `after`.
std::vector<uint64_t> Take(EventEncoder* encoder, uint64_t last, uint64_t after) {
  const EventWindow::Page page = encoder->TakeUpTo(last);
  if (page == nullptr) return {};
  EXPECT_EQ(page->after(), after);
  EventMessage message(after);
  message.Add(*page, EventFilter());
  EXPECT_EQ(message.cursor(), page->last());
  return SequencesOf(Decode(message));
}

void AddTo(EventEncoder* encoder, uint64_t first, uint64_t last) {
  for (uint64_t sequence = first; sequence <= last; ++sequence) {
    encoder->Add(sequence, Events(sequence - 1, 1).front());
  }
}

TEST(EventEncoderTest, GivesWhatIsDurableAndKeepsTheRest) {
  EventEncoder encoder;
  AddTo(&encoder, 8, 12);
  EXPECT_THAT(Take(&encoder, 7, 0), IsEmpty());
  EXPECT_THAT(Take(&encoder, 10, 7), ElementsAre(8, 9, 10));
  EXPECT_THAT(Take(&encoder, 10, 0), IsEmpty());
  AddTo(&encoder, 13, 13);
  EXPECT_THAT(Take(&encoder, 20, 10), ElementsAre(11, 12, 13));
}

TEST(EventEncoderTest, ForgetsWhatWasThrownAway) {
  EventEncoder encoder;
  AddTo(&encoder, 1, 6);
  encoder.ForgetAfter(4);
  EXPECT_THAT(Take(&encoder, 3, 0), ElementsAre(1, 2, 3));
  AddTo(&encoder, 5, 5);
  EXPECT_THAT(Take(&encoder, 9, 3), ElementsAre(4, 5));
  AddTo(&encoder, 6, 7);
  encoder.ForgetAfter(2);
  EXPECT_THAT(Take(&encoder, 9, 0), IsEmpty());
  encoder.ForgetAfter(9);
}

TEST(EventEncoderTest, BeginsAnewAfterAGap) {
  EventEncoder encoder;
  AddTo(&encoder, 1, 2);
  AddTo(&encoder, 4, 5);
  EXPECT_THAT(Take(&encoder, 5, 3), ElementsAre(4, 5));
}

TEST(EventEncoderTest, LeavesTheEventAsItWas) {
  EventEncoder encoder;
  const v1::Event event = Events(0, 1, 100).front();
  encoder.Add(1, event);
  EXPECT_EQ(event.SerializeAsString(), Events(0, 1, 100).front().SerializeAsString());
}

TEST(EventWindowTest, GivesThePagesThatHoldTheNextEvents) {
  EventWindow window(10);
  for (uint64_t after = 10; after < 40; after += 10) window.Append(Page(after, 10));
  EXPECT_EQ(window.last(), 40u);
  const auto pages = window.After(15, 10);
  ASSERT_EQ(pages.size(), 2u);
  EXPECT_EQ(pages[0]->after(), 10u);
  EXPECT_EQ(pages[1]->after(), 20u);
  // The one after 20 is in the second page.
  EXPECT_EQ(window.After(20, 1).front()->after(), 20u);
  EXPECT_THAT(window.After(9, 10), IsEmpty());
}

TEST(EventWindowTest, TheOldestGoWhenItIsFull) {
  EventWindow window(0);
  const size_t page_bytes = EventWindow::kMaxBytes / 4;
  for (uint64_t after = 0; after < 10; ++after) window.Append(Page(after, 1, page_bytes));
  EXPECT_THAT(window.After(0, 1), IsEmpty());
  EXPECT_EQ(window.After(9, 1).size(), 1u);
}

TEST(EventWindowTest, AfterARestartItIsEmptyAndGoesOnThere) {
  EventWindow window(0);
  window.Append(Page(0, 5));
  window.Restart(8);
  EXPECT_EQ(window.last(), 8u);
  EXPECT_THAT(window.After(4, 10), IsEmpty());
  window.Append(Page(8, 1));
  EXPECT_EQ(window.After(8, 10).size(), 1u);
}

}  // namespace
}  // namespace outdial::server
