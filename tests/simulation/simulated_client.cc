#include "tests/simulation/simulated_client.h"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/uuid.h"

namespace outdial::simulation {

namespace {

constexpr absl::Duration kAskAgainAfter = absl::Milliseconds(500);

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
  }
  const engine::Ticket ticket = ++last_ticket_;
  Question& question = waiting_[ticket];
  question = {std::move(action), std::move(then)};
  if (server_up_) post_({ticket, question.action});
}

void SimulatedClient::OnReply(engine::Reply reply) {
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
  if (reply.result.ok()) Note(*reply.result);
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

void SimulatedClient::Note(const engine::ActionResult& result) {
  const auto note = [this](Answer::Kind kind, const auto& record) {
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
}

void SimulatedClient::CheckAnswers(storage::StoreReader& store) const {
  const auto shown = [&store](const std::string& uuid, Answer::Kind kind) {
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
  for (const auto& [uuid, answer] : answers_) {
    const absl::StatusOr<uint64_t> revision = shown(uuid, answer.kind);
    const bool gone = absl::IsNotFound(revision.status());
    const bool kept = gone ? answer.deleted || deleting_.contains(uuid)
                           : revision.ok() && !answer.deleted && *revision >= answer.revision;
    if (!kept) violations_->Add("what was answered about ", uuid, " is lost after a crash");
  }
}

}  // namespace outdial::simulation
