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
  std::unique_ptr<TopFeed> feed;
  absl::Notification made;
  absl::Notification done;
  TopFeed::Latest after_first;
  TopFeed::Latest after_second;
  int shows = 0;
  // A fetch begins with the campaigns, when the one before it is told.
  state().on_campaign_show = [&] {
    made.WaitForNotification();
    ++shows;
    if (shows == 2) {
      after_first = feed->latest();
      state().error = grpc::Status(grpc::StatusCode::UNAVAILABLE, "Shutting down");
    } else if (shows == 3) {
      after_second = feed->latest();
      state().error = grpc::Status::OK;
    } else if (shows == 4) {
      done.Notify();
    }
  };
  feed = MakeFeed();
  made.Notify();
  done.WaitForNotification();
  EXPECT_EQ(after_first.number, 1u);
  EXPECT_TRUE(after_first.status.ok());
  ASSERT_EQ(after_first.view->campaigns.size(), 1u);
  EXPECT_EQ(after_first.view->campaigns[0].left, 600u);
  EXPECT_EQ(after_second.number, 2u);
  EXPECT_EQ(after_second.status.code, ExitCode::kUnavailable);
  EXPECT_EQ(after_second.view->campaigns.size(), 1u);
  EXPECT_TRUE(feed->latest().status.ok());
  feed.reset();
}

TEST_F(TopFeedTest, ItsEndEndsAFetchInProgress) {
  absl::Notification begun;
  absl::Notification ended;
  state().on_campaign_show = [&] {
    begun.Notify();
    ended.WaitForNotification();
  };
  std::unique_ptr<TopFeed> feed = MakeFeed();
  begun.WaitForNotification();
  feed.reset();
  ended.Notify();
}

}  // namespace
}  // namespace outdial::cli
