#include "cli/top_feed.h"

#include <gmock/gmock.h>

#include <memory>

#include "absl/synchronization/notification.h"
#include "cli/connection.h"
#include "tests/cli/cli_fixture.h"
#include "tests/cli/top_samples.h"

namespace outdial::cli {
namespace {

class TopFeedTest : public CliTest {
 protected:
  TopFeedTest() {
    state().campaigns = {CampaignOf(kUuidA, "spring", v1::CAMPAIGN_STATUS_START)};
    state().stat = StatOf(kUuidA, 1000, 400);
    FlagValues globals;
    globals.Add("server", server_.address());
    EXPECT_TRUE(Connection::Make(globals, &interrupt_, &connection_).ok());
  }
  std::unique_ptr<TopFeed> MakeFeed() {
    return std::make_unique<TopFeed>(connection_.get(), TopModel(), TopView(), absl::ZeroDuration(),
                                     [] { return absl::UnixEpoch(); });
  }

  std::unique_ptr<Connection> connection_;
};

TEST_F(TopFeedTest, GoesOnAfterAFetchThatFailedAndKeepsTheViewMeanwhile) {
  struct Watch {
    absl::Notification made;
    absl::Notification done;
    const TopFeed* feed = nullptr;
    TopFeed::Latest after_first;
    TopFeed::Latest after_second;
    int shows = 0;
  };
  // Shared: the server may still answer when the test is over.
  const auto watch = std::make_shared<Watch>();
  // A fetch begins with the campaigns, when the one before it is told.
  state().on_campaign_show = [watch, &error = state().error] {
    watch->made.WaitForNotification();
    ++watch->shows;
    if (watch->shows == 2) {
      watch->after_first = watch->feed->latest();
      error = grpc::Status(grpc::StatusCode::UNAVAILABLE, "Shutting down");
    } else if (watch->shows == 3) {
      watch->after_second = watch->feed->latest();
      error = grpc::Status::OK;
    } else if (watch->shows == 4) {
      watch->done.Notify();
    }
  };
  const std::unique_ptr<TopFeed> feed = MakeFeed();
  watch->feed = feed.get();
  watch->made.Notify();
  watch->done.WaitForNotification();
  const TopFeed::Latest& after_first = watch->after_first;
  EXPECT_EQ(after_first.number, 1u);
  EXPECT_TRUE(after_first.status.ok());
  ASSERT_EQ(after_first.view->campaigns.size(), 1u);
  EXPECT_EQ(after_first.view->campaigns[0].left, 600u);
  EXPECT_EQ(watch->after_second.number, 2u);
  EXPECT_EQ(watch->after_second.status.code, ExitCode::kUnavailable);
  EXPECT_EQ(watch->after_second.view->campaigns.size(), 1u);
  EXPECT_TRUE(feed->latest().status.ok());
}

TEST_F(TopFeedTest, ItsEndEndsAFetchInProgress) {
  struct Call {
    absl::Notification begun;
    absl::Notification ended;
  };
  // Shared: the server may still answer when the test is over.
  const auto call = std::make_shared<Call>();
  state().on_campaign_show = [call] {
    call->begun.Notify();
    call->ended.WaitForNotification();
  };
  std::unique_ptr<TopFeed> feed = MakeFeed();
  call->begun.WaitForNotification();
  feed.reset();
  call->ended.Notify();
}

}  // namespace
}  // namespace outdial::cli
