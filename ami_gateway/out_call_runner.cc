#include "ami_gateway/out_call_runner.h"

#include <google/protobuf/dynamic_message.h>

#include <boost/asio/post.hpp>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "ami_gateway/out_actions.h"
#include "ami_gateway/out_replies.h"

namespace outdial::ami {

namespace asio = boost::asio;
using google::protobuf::Message;

// Shared by the runner and by what is under way for it: a page that is being read, or a change that
// the loop has not answered yet. `sink_` is touched on the listener's thread only; the rest by one
// thread at a time, since only one thing is under way at a time.
class OutCallRunner::State : public std::enable_shared_from_this<OutCallRunner::State> {
 public:
  State(const OutCallEnvironment& environment, OutCall call, Sink sink)
      : environment_(environment), call_(std::move(call)), sink_(std::move(sink)) {}

  void Next() {
    if (call_.action->kind == OutAction::Kind::kChange) return PostChange();
    asio::post(*environment_.store_pool, [self = shared_from_this()] { self->ReadPage(); });
  }

  // On the listener's thread.
  void Forget() { sink_ = nullptr; }

 private:
  void PostChange() {
    environment_.backend->Post(
        ToEngineAction(*call_.request),
        [self = shared_from_this()](absl::StatusOr<engine::ActionResult> result) {
          self->PostToListener([self, result = std::move(result)] { self->AnswerChange(result); });
        });
  }

  void AnswerChange(const absl::StatusOr<engine::ActionResult>& result) {
    Tell(result.ok() ? OutChangeReply(*call_.action, ActionId(), *result)
                     : OutErrorReply(ActionId(), result.status()),
         /*complete=*/true);
  }

  // On a thread of the pool.
  void ReadPage() {
    std::string bytes;
    const absl::StatusOr<bool> more = AppendPage(&bytes);
    if (!more.ok()) bytes = OutErrorReply(ActionId(), more.status());
    const bool complete = !more.ok() || !*more;
    const absl::Status broken = begun_ ? more.status() : absl::OkStatus();
    PostToListener([self = shared_from_this(), bytes = std::move(bytes), complete, broken] {
      self->AnswerPage(bytes, complete, broken);
    });
  }

  // False: the list is at its end, which `bytes` holds.
  absl::StatusOr<bool> AppendPage(std::string* bytes) {
    if (pages_ == nullptr) {
      absl::StatusOr<std::unique_ptr<OutPages>> pages = environment_.backend->Show(*call_.request);
      if (!pages.ok()) return pages.status();
      pages_ = *std::move(pages);
    }
    const std::unique_ptr<Message> page(google::protobuf::MessageFactory::generated_factory()
                                            ->GetPrototype(call_.action->response)
                                            ->New());
    const absl::StatusOr<bool> more = pages_->Next(page.get());
    if (!more.ok()) return more.status();
    if (!begun_) *bytes = OutListBegin(*call_.action, ActionId());
    begun_ = true;
    *bytes += *more ? OutListItems(*call_.action, ActionId(), *page, &count_)
                    : OutListEnd(*call_.action, ActionId(), count_);
    return *more;
  }

  void AnswerPage(const std::string& bytes, bool complete, const absl::Status& broken) {
    if (!broken.ok()) {
      environment_.log(
          "error", "ami_list_broken",
          {{"action", std::string(call_.action->name)}, {"why", std::string(broken.message())}});
    }
    Tell(bytes, complete);
  }

  void Tell(const std::string& bytes, bool complete) {
    // A copy: it may destroy the runner, which forgets the original.
    if (const Sink sink = sink_) sink(bytes, complete);
  }

  template <class Handler>
  void PostToListener(Handler handler) {
    if (const auto io = environment_.io.lock()) asio::post(*io, std::move(handler));
  }

  OptionalActionId ActionId() const {
    if (!call_.action_id.has_value()) return std::nullopt;
    return absl::string_view(*call_.action_id);
  }

  const OutCallEnvironment environment_;
  const OutCall call_;
  Sink sink_;  // empty: nobody waits any more
  std::unique_ptr<OutPages> pages_;
  bool begun_ = false;  // the opening of the list was made
  uint64_t count_ = 0;
};

OutCallRunner::OutCallRunner(const OutCallEnvironment& environment, OutCall call, Sink sink)
    : state_(std::make_shared<State>(environment, std::move(call), std::move(sink))) {}

OutCallRunner::~OutCallRunner() { state_->Forget(); }

void OutCallRunner::Next() { state_->Next(); }

}  // namespace outdial::ami
