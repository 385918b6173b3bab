// Imports of people who are in their list already, refused or merged as asked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ami_gateway/sim_random.h"
#include "engine/action.h"
#include "outdial/v1/dl.pb.h"
#include "outdial/v1/dl_list_service.pb.h"
#include "tests/simulation/scenario.h"
#include "tests/simulation/simulated_client.h"
#include "tests/simulation/violations.h"

namespace outdial::simulation {

// Knows which rows are durable and are never deleted, so that it is certain of each row that it
// sends whether it is a twin. Draws from a stream of its own. One thread; the pointers outlive it.
class TwinImports {
 public:
  TwinImports(const Scenario* scenario, SimulatedClient* client, Violations* violations);

  // Rows that an import added to a list: people of whom nobody is in it already.
  void NoteAdded(size_t list, const std::vector<v1::Dl>& rows);
  // Now and then a list that is to get an import; never while one is under way, so that it is
  // certain which of two merges was the last.
  std::optional<size_t> Due();
  // Imports people whom the list has, and new ones from `*last_person` on, some of them twice.
  void Import(size_t list, const std::string& dlma, const std::string& request_id,
              int* last_person);

  // At the end: each of these people is in the list, under the name that was given last.
  void Check(size_t list, const std::vector<v1::Dl>& shown) const;

  // Entries that these imports added to a list.
  uint64_t added(size_t list) const;
  uint64_t refused() const { return refused_; }
  uint64_t merged() const { return merged_; }

 private:
  // What is asked, and what must come of it.
  struct Question {
    size_t list = 0;
    engine::ImportSlice slice;
    std::vector<v1::Dl> fresh;  // the rows that are no twins
    std::vector<uint64_t> twin_rows;
    std::map<std::string, std::string> names;  // of the twins, by ukey: a merge gives them
    bool answered = false;

    bool merges() const { return slice.begin.duplicates() == v1::DUPLICATE_RULE_MERGE; }
  };

  void AddRows(Question* question, int* last_person);
  void Ask(const std::shared_ptr<Question>& question);
  void CheckAnswer(const Question& question, const v1::OutDlListImportResponse& answer);
  void Take(const Question& question);

  const bool enabled_;
  const bool asks_again_;  // an answer may get lost, or is asked for twice
  const bool asks_twice_;
  SimulatedClient* const client_;
  Violations* const violations_;
  ami::SimRandom random_;
  int waiting_ = 0;                                             // questions without an answer
  std::map<size_t, std::vector<v1::Dl>> rows_;                  // by list, as they were first sent
  std::map<size_t, std::map<std::string, std::string>> names_;  // by list and ukey: merged since
  std::map<size_t, uint64_t> added_;                            // by list
  uint64_t refused_ = 0;
  uint64_t merged_ = 0;
};

}  // namespace outdial::simulation
