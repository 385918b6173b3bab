// Records for tests of `top`.
#pragma once

#include <string>

#include "cli/top_sample.h"

namespace outdial::cli {

inline v1::Plan PlanOf(const std::string& uuid, v1::DlEndHandle at_end) {
  v1::Plan plan;
  plan.set_uuid(uuid);
  plan.set_revision(1);
  plan.set_dl_end_handle(at_end);
  plan.set_abandon_target(3);
  return plan;
}

// Under the plan `plan`.
inline v1::Campaign CampaignOf(const std::string& uuid, const std::string& name,
                               v1::CampaignStatus status) {
  v1::Campaign campaign;
  campaign.set_uuid(uuid);
  campaign.set_revision(1);
  campaign.set_name(name);
  campaign.set_plan("plan");
  campaign.set_status(status);
  return campaign;
}

inline v1::CampaignStat StatOf(const std::string& uuid, uint64_t total, uint64_t finished) {
  v1::CampaignStat stat;
  stat.set_uuid(uuid);
  stat.set_dl_total_count(total);
  stat.set_dl_finished_count(finished);
  stat.set_dl_available_count(total - finished);
  return stat;
}

inline void AddOutcome(v1::Outcome outcome, uint64_t count, v1::CampaignStat* stat) {
  v1::OutcomeCount* added = stat->add_outcomes();
  added->set_outcome(outcome);
  added->set_count(count);
}

inline v1::Node NodeOf(const std::string& name, v1::NodeState state) {
  v1::Node node;
  node.set_name(name);
  node.set_state(state);
  node.set_max_calls(30);
  node.set_calls_per_second(5);
  return node;
}

inline v1::NodeQueue* AddQueue(const std::string& name, uint32_t waiting, v1::Node* node) {
  v1::NodeQueue* queue = node->add_queues();
  queue->set_name(name);
  queue->set_waiting(waiting);
  return queue;
}

struct MemberState {
  uint32_t device_state = 1;
  bool is_free = false;
  bool is_paused = false;
};

inline void AddMember(const std::string& interface, const MemberState& state,
                      v1::NodeQueue* queue) {
  v1::NodeQueueMember* member = queue->add_members();
  member->set_interface(interface);
  member->set_device_state(state.device_state);
  member->set_free(state.is_free);
  member->set_paused(state.is_paused);
}

}  // namespace outdial::cli
