#include "tests/simulation/simulated_client.h"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/uuid.h"

namespace outdial::simulation {

namespace {

constexpr absl::Duration kAskAgainAfter = absl::Milliseconds(500);
// A client that is not sure asks again at once, or up to so much later.
constexpr double kRepeated = 0.2;
constexpr absl::Duration kMaxRepeatDelay = absl::Minutes(10);

bool IsCreate(const engine::Action& action) {
  return std::visit(
      [](const auto& request) {
        return requires { request.request_id(); };
      },
      action);
}

std::string Serialized(const absl::StatusOr<engine::ActionResult>& result) {
  if (!result.ok()) return result.status().ToString();
  return std::visit([](const auto& response) { return response.SerializeAsString(); }, *result);
}

// The revision that Show gives; nullopt: there is no such record.
template <class Uuid, class Get>
absl::StatusOr<uint64_t> ShownRevision(const std::string& uuid, Get get) {
  const auto record = get(*Uuid::Parse(uuid));
  if (!record.ok()) return record.status();
  return record->revision();
}

}  // namespace

void SimulatedClient::Ask(engine::Action action, Then then) {
  if (const auto* gone = std::get_if<v1::OutDlListDeleteRequest>(&action)) {
    deleting_.insert(gone->uuid());
  } else if (const auto* list = std::get_if<v1::OutDlmaDeleteRequest>(&action)) {
    deleting_lists_.insert(engine::Uuid::Parse(list->uuid())->list_number());
  }
  const engine::MonotonicTime now = clock_->now().mono;
  if (repeats_.has_value() && IsCreate(action) && repeats_->Chance(kRepeated)) {
    const auto first = std::make_shared<std::optional<std::string>>();
    const bool at_once = repeats_->Chance(0.5);
    const absl::Duration later = repeats_->Unit() * kMaxRepeatDelay;
    then = MustEqual(first, std::move(then));
    AskAt(now, action, std::move(then));
    return AskAt(at_once ? now : now + later, std::move(action), MustEqual(first, [](auto&) {}),
                 /*again=*/true);
  }
  AskAt(now, std::move(action), std::move(then));
}

void SimulatedClient::AskAt(engine::MonotonicTime at, engine::Action action, Then then,
                            bool again) {
  const engine::Ticket ticket = ++last_ticket_;
  Question& question = waiting_[ticket];
  question = {std::move(action), std::move(then), at, again};
  if (!server_up_ || at > clock_->now().mono) return;
  question.ask_at = absl::InfiniteDuration();
  post_({ticket, question.action});
}

SimulatedClient::Then SimulatedClient::MustEqual(std::shared_ptr<std::optional<std::string>> first,
                                                 Then then) {
  return [this, first = std::move(first), then = std::move(then)](const auto& result) {
    if (!first->has_value()) {
      *first = Serialized(result);
    } else if (**first != Serialized(result)) {
      violations_->Add("a create that was asked again was answered otherwise");
    }
    then(result);
  };
}

void SimulatedClient::OnReply(engine::Reply reply, storage::StoreReader& store) {
  const auto found = waiting_.find(reply.ticket);
  if (found == waiting_.end()) {
    violations_->Add("a reply to nobody: ticket ", reply.ticket);
    return;
  }
  if (absl::IsUnavailable(reply.result.status())) {
    found->second.ask_at = clock_->now().mono + kAskAgainAfter;
    return;
  }
  const Then then = std::move(found->second.then);
  waiting_.erase(found);
  if (reply.result.ok()) {
    const std::optional<std::string> about = Note(*reply.result);
    if (about.has_value()) CheckAnswer(*about, store, "was answered before it was durable");
  }
  then(reply.result);
}

void SimulatedClient::OnServerLost() {
  server_up_ = false;
  for (auto& [ticket, question] : waiting_) question.ask_at = absl::InfiniteDuration();
}

void SimulatedClient::OnServerBack() {
  server_up_ = true;
  for (auto& [ticket, question] : waiting_) question.ask_at = clock_->now().mono;
}

size_t SimulatedClient::waiting() const {
  return static_cast<size_t>(std::count_if(waiting_.begin(), waiting_.end(),
                                           [](const auto& entry) { return !entry.second.again; }));
}

engine::MonotonicTime SimulatedClient::NextDue() const {
  engine::MonotonicTime next = absl::InfiniteDuration();
  if (!server_up_) return next;
  for (const auto& [ticket, question] : waiting_) next = std::min(next, question.ask_at);
  return next;
}

void SimulatedClient::Advance() {
  if (!server_up_) return;
  for (auto& [ticket, question] : waiting_) {
    if (question.ask_at > clock_->now().mono) continue;
    question.ask_at = absl::InfiniteDuration();
    post_({ticket, question.action});
  }
}

std::optional<std::string> SimulatedClient::Note(const engine::ActionResult& result) {
  std::optional<std::string> about;
  const auto note = [&](Answer::Kind kind, const auto& record) {
    about = record.uuid();
    Answer& answer = answers_[record.uuid()];
    // The same create may be answered again, with its first answer.
    answer.kind = kind;
    answer.revision = std::max(answer.revision, record.revision());
    answer.deleted = answer.deleted || record.has_tm_delete();
  };
  std::visit(
      [&](const auto& response) {
        if constexpr (requires { response.campaign(); }) {
          note(Answer::Kind::kCampaign, response.campaign());
        } else if constexpr (requires { response.plan(); }) {
          note(Answer::Kind::kPlan, response.plan());
        } else if constexpr (requires { response.dlma(); }) {
          note(Answer::Kind::kDlma, response.dlma());
        } else if constexpr (requires { response.destination(); }) {
          note(Answer::Kind::kDestination, response.destination());
        } else if constexpr (requires { response.dl(); }) {
          note(Answer::Kind::kDl, response.dl());
        }
      },
      result);
  return about;
}

void SimulatedClient::CheckAnswers(storage::StoreReader& store) const {
  for (const auto& [uuid, answer] : answers_) CheckAnswer(uuid, store, "is lost after a crash");
}

void SimulatedClient::CheckAnswer(const std::string& uuid, storage::StoreReader& store,
                                  absl::string_view problem) const {
  const auto shown = [&](Answer::Kind kind) {
    using Kind = Answer::Kind;
    switch (kind) {
      case Kind::kCampaign:
        return ShownRevision<engine::CampaignUuid>(
            uuid, [&](const auto& id) { return store.GetCampaign(id); });
      case Kind::kPlan:
        return ShownRevision<engine::PlanUuid>(uuid,
                                               [&](const auto& id) { return store.GetPlan(id); });
      case Kind::kDlma:
        return ShownRevision<engine::DlmaUuid>(uuid,
                                               [&](const auto& id) { return store.GetDlma(id); });
      case Kind::kDestination:
        return ShownRevision<engine::DestinationUuid>(
            uuid, [&](const auto& id) { return store.GetDestination(id); });
      case Kind::kDl:
        break;
    }
    return ShownRevision<engine::DlUuid>(uuid, [&](const auto& id) { return store.GetDl(id); });
  };
  const Answer& answer = answers_.at(uuid);
  const absl::StatusOr<uint64_t> revision = shown(answer.kind);
  const bool gone = absl::IsNotFound(revision.status());
  const bool asked_for = deleting_.contains(uuid) ||
                         deleting_lists_.contains(engine::Uuid::Parse(uuid)->list_number());
  const bool kept = gone ? answer.deleted || asked_for
                         : revision.ok() && !answer.deleted && *revision >= answer.revision;
  if (!kept) violations_->Add("what was told about ", uuid, " ", problem);
}

}  // namespace outdial::simulation
