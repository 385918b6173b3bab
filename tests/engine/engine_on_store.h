// The real engine on the real record store in memory, asked as a client asks.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/dial_engine.h"
#include "gtest/gtest.h"
#include "storage/memory_store.h"
#include "storage/record_store.h"

namespace outdial::engine {

// At one moment: its clock stands.
class EngineOnStore : public testing::Test {
 protected:
  explicit EngineOnStore(const EngineConfig& config = {}) : engine_(config, &zones_) {
    auto store = storage::RecordStore::Open(std::make_unique<storage::MemoryStore>(), {});
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    Output output;
    EXPECT_TRUE(engine_.Load(store_->Round(), now_, &output).ok());
    EXPECT_TRUE(store_->Commit().ok());
  }

  // What the engine replies, once it is committed.
  absl::StatusOr<ActionResult> Try(Action action) {
    Output output;
    EXPECT_TRUE(
        engine_.Step(ClientAction{1, std::move(action)}, now_, store_->Round(), &output).ok());
    EXPECT_TRUE(store_->Commit().ok());
    return std::move(output.replies.back().result);
  }
  // The same, of an action that must not be refused.
  template <class Response>
  Response Do(Action action) {
    auto result = Try(std::move(action));
    EXPECT_TRUE(result.ok()) << result.status();
    return std::get<Response>(*std::move(result));
  }

 private:
  class UtcOnly : public ZoneLookup {
   public:
    std::optional<absl::TimeZone> Find(absl::string_view) override { return absl::UTCTimeZone(); }
  };

  UtcOnly zones_;

 protected:
  const Now now_{absl::Hours(1), absl::FromUnixSeconds(1700000000)};
  DialEngine engine_;
  std::unique_ptr<storage::RecordStore> store_;
};

}  // namespace outdial::engine
