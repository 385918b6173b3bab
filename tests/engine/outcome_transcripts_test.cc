// The table of engine/README.md, row by row, from what a real Asterisk said.
#include <fstream>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/outcome_classifier.h"
#include "engine/random.h"
#include "gtest/gtest.h"
#include "tests/engine/transcript_reader.h"

namespace outdial::engine {
namespace {

constexpr DialingTerms kNoAgents{.has_agents = false, .abandon_after = absl::Seconds(2)};
constexpr DialingTerms kAgents{.has_agents = true, .abandon_after = absl::Seconds(2)};

struct Row {
  const char* transcript;
  DialingTerms terms;
  v1::Outcome outcome;
  v1::DialResult res_dial;
  std::optional<uint32_t> sip_code;
  std::optional<uint32_t> res_hangup;
  TrunkSign trunk_sign = TrunkSign::kWorks;
  bool try_counts = true;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.transcript; }

const Row kRows[] = {
    // Answered.
    {"01_app_answer_callee_bye", kNoAgents, v1::OUTCOME_HANDLED, v1::DIAL_RESULT_ANSWERED, {}, 0},
    {"02_ext_answer_callee_bye", kNoAgents, v1::OUTCOME_HANDLED, v1::DIAL_RESULT_ANSWERED, {}, 0},
    {"03_app_answer_ami_hangup", kNoAgents, v1::OUTCOME_HANDLED, v1::DIAL_RESULT_ANSWERED, {}, 16},
    {"04_ext_answer_app_ends", kNoAgents, v1::OUTCOME_HANDLED, v1::DIAL_RESULT_ANSWERED, {}, 16},
    {"17_app_early_media_183", kNoAgents, v1::OUTCOME_HANDLED, v1::DIAL_RESULT_ANSWERED, {}, 16},
    {"26_app_park", kNoAgents, v1::OUTCOME_HANDLED, v1::DIAL_RESULT_ANSWERED, {}, 16},
    {"49_playback", kNoAgents, v1::OUTCOME_HANDLED, v1::DIAL_RESULT_ANSWERED, {}, 16},
    {"27_app_queue_agent", kAgents, v1::OUTCOME_HANDLED, v1::DIAL_RESULT_ANSWERED, {}, 16},
    {"28_ext_queue_caller_hangs", kAgents, v1::OUTCOME_HANDLED, v1::DIAL_RESULT_ANSWERED, {}, 16},
    // Answered, and no agent came.
    {"29_ext_emptyqueue_timeout", kAgents, v1::OUTCOME_ABANDONED, v1::DIAL_RESULT_ANSWERED, {}, 16},
    {"30_ext_emptyqueue_abandon", kAgents, v1::OUTCOME_ABANDONED, v1::DIAL_RESULT_ANSWERED, {}, 0},
    {"01_app_answer_callee_bye", kAgents, v1::OUTCOME_ABANDONED, v1::DIAL_RESULT_ANSWERED, {}, 0},
    // Answered, and the destination could not be run.
    {"21_bad_app", kNoAgents, v1::OUTCOME_DESTINATION_FAILED, v1::DIAL_RESULT_ANSWERED, {}, 0},
    {"24_no_app_no_exten",
     kAgents,
     v1::OUTCOME_DESTINATION_FAILED,
     v1::DIAL_RESULT_ANSWERED,
     {},
     0},
    // Not answered.
    {"05_app_busy_486", kNoAgents, v1::OUTCOME_BUSY, v1::DIAL_RESULT_BUSY, 486, 17},
    {"06_ext_busy_486", kNoAgents, v1::OUTCOME_BUSY, v1::DIAL_RESULT_BUSY, 486, 17},
    {"07_ext_busy_486_nofailed", kNoAgents, v1::OUTCOME_BUSY, v1::DIAL_RESULT_BUSY, 486, 17},
    {"32b_local_busy", kNoAgents, v1::OUTCOME_BUSY, v1::DIAL_RESULT_BUSY, {}, 17},
    {"47_local_Busy_app", kNoAgents, v1::OUTCOME_BUSY, v1::DIAL_RESULT_BUSY, {}, 0},
    {"08_app_noanswer_timeout", kNoAgents, v1::OUTCOME_NO_ANSWER, v1::DIAL_RESULT_TIMEOUT, {}, 19},
    {"09_ext_noanswer_timeout", kNoAgents, v1::OUTCOME_NO_ANSWER, v1::DIAL_RESULT_TIMEOUT, {}, 19},
    {"13_app_480", kNoAgents, v1::OUTCOME_NO_ANSWER, v1::DIAL_RESULT_FAILED, 480, 19},
    {"14d_app_408", kNoAgents, v1::OUTCOME_NO_ANSWER, v1::DIAL_RESULT_FAILED, 408, 18},
    {"49c_hangup_while_ringing", kNoAgents, v1::OUTCOME_NO_ANSWER, v1::DIAL_RESULT_FAILED, {}, 16},
    {"12_app_603", kNoAgents, v1::OUTCOME_REJECTED, v1::DIAL_RESULT_FAILED, 603, 21},
    {"14b_app_403", kNoAgents, v1::OUTCOME_REJECTED, v1::DIAL_RESULT_FAILED, 403, 21},
    {"11_app_404", kNoAgents, v1::OUTCOME_INVALID_NUMBER, v1::DIAL_RESULT_FAILED, 404, 1},
    {"14c_app_484", kNoAgents, v1::OUTCOME_INVALID_NUMBER, v1::DIAL_RESULT_FAILED, 484, 28},
    // The network failed.
    {"10_app_503", kNoAgents, v1::OUTCOME_NETWORK_FAILURE, v1::DIAL_RESULT_CONGESTION, 503, 34,
     TrunkSign::kFailed},
    {"48_local_Congestion_app",
     kNoAgents,
     v1::OUTCOME_NETWORK_FAILURE,
     v1::DIAL_RESULT_CONGESTION,
     {},
     0,
     TrunkSign::kFailed},
    {"14_app_500", kNoAgents, v1::OUTCOME_NETWORK_FAILURE, v1::DIAL_RESULT_FAILED, 500, 38,
     TrunkSign::kFailed},
    {"14e_app_488", kNoAgents, v1::OUTCOME_NETWORK_FAILURE, v1::DIAL_RESULT_FAILED, 488, 58,
     TrunkSign::kFailed},
    {"15_app_dead_port",
     kNoAgents,
     v1::OUTCOME_NETWORK_FAILURE,
     v1::DIAL_RESULT_FAILED,
     {},
     19,
     TrunkSign::kFailed},
    {"16_app_silent_uas",
     kNoAgents,
     v1::OUTCOME_NETWORK_FAILURE,
     v1::DIAL_RESULT_FAILED,
     {},
     19,
     TrunkSign::kFailed},
    // No channel was made.
    {"18_bad_endpoint",
     kNoAgents,
     v1::OUTCOME_NOT_SENT,
     v1::DIAL_RESULT_FAILED,
     {},
     {},
     TrunkSign::kFailed,
     false},
    {"19_no_contact",
     kNoAgents,
     v1::OUTCOME_NOT_SENT,
     v1::DIAL_RESULT_FAILED,
     {},
     {},
     TrunkSign::kFailed,
     false},
    {"20_sip_tech",
     kNoAgents,
     v1::OUTCOME_NOT_SENT,
     v1::DIAL_RESULT_FAILED,
     {},
     {},
     TrunkSign::kFailed,
     false},
    {"22_bad_exten",
     kNoAgents,
     v1::OUTCOME_NOT_SENT,
     v1::DIAL_RESULT_FAILED,
     {},
     {},
     TrunkSign::kNone,
     false},
    {"43_system_app",
     kNoAgents,
     v1::OUTCOME_NOT_SENT,
     v1::DIAL_RESULT_FAILED,
     {},
     {},
     TrunkSign::kNone,
     false},
    {"44_no_originate_class",
     kNoAgents,
     v1::OUTCOME_NOT_SENT,
     v1::DIAL_RESULT_FAILED,
     {},
     {},
     TrunkSign::kNone,
     false},
};

std::vector<TimedFact> FactsOfOnlyDialing(const std::string& transcript) {
  const auto facts = ReadTranscript(transcript);
  EXPECT_EQ(facts.size(), 1U) << transcript;
  return facts.empty() ? std::vector<TimedFact>() : facts.begin()->second;
}

DialingFacts Gather(const std::vector<TimedFact>& facts) {
  DialingFacts gathered;
  for (const TimedFact& timed : facts) gathered.Add(timed.fact, Moment::At(timed.at));
  return gathered;
}

void ExpectRow(const Row& row, const Classification& result) {
  EXPECT_EQ(result.outcome, row.outcome);
  EXPECT_EQ(result.res_dial, row.res_dial);
  EXPECT_EQ(result.sip_code, row.sip_code);
  EXPECT_EQ(result.res_hangup, row.res_hangup);
  EXPECT_EQ(result.trunk_sign, row.trunk_sign);
  EXPECT_EQ(result.try_counts, row.try_counts);
  EXPECT_FALSE(result.res_dial_detail.empty());
  EXPECT_EQ(result.status,
            row.res_hangup.has_value() ? v1::DIALING_STATUS_HUNG_UP : v1::DIALING_STATUS_ERROR);
}

class OutcomeTranscriptsTest : public ::testing::TestWithParam<Row> {};

TEST_P(OutcomeTranscriptsTest, GivesTheOutcomeOfItsRow) {
  const DialingFacts facts = Gather(FactsOfOnlyDialing(GetParam().transcript));
  EXPECT_TRUE(facts.ended());
  EXPECT_TRUE(facts.complete());
  ExpectRow(GetParam(), Classify(facts, GetParam().terms));
}

TEST_P(OutcomeTranscriptsTest, DoesNotDependOnTheOrderOfFacts) {
  std::vector<TimedFact> facts = FactsOfOnlyDialing(GetParam().transcript);
  constexpr uint64_t kSeed = 20161022;
  Random random(kSeed);
  for (int round = 0; round < 200; ++round) {
    for (size_t i = facts.size(); i > 1; --i) std::swap(facts[i - 1], facts[random.Below(i)]);
    SCOPED_TRACE(absl::StrCat("seed ", kSeed, " round ", round));
    ExpectRow(GetParam(), Classify(Gather(facts), GetParam().terms));
    if (HasFailure()) return;
  }
}

// `OUTCOME_NO_ANSWER` -> `no answer`.
std::string WordsOf(v1::Outcome outcome) {
  const std::string name = v1::Outcome_Name(outcome).substr(std::string("OUTCOME_").size());
  return absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"_", " "}});
}

TEST_P(OutcomeTranscriptsTest, StandsInTheReadme) {
  std::ifstream readme(OUTDIAL_TEST_DATA "/../../engine/README.md");
  ASSERT_TRUE(readme.is_open());
  const Row& row = GetParam();
  const std::string begin = absl::StrCat(
      "| `", row.transcript, row.terms.has_agents ? "` (destination with agents) |" : "` |");
  const std::string end =
      absl::StrCat("| ", WordsOf(row.outcome), " | ", static_cast<int>(row.res_dial), " |");
  std::string line;
  bool found = false;
  while (std::getline(readme, line)) {
    found = found || (absl::StartsWith(line, begin) && absl::EndsWith(line, end));
  }
  EXPECT_TRUE(found) << begin << " ... " << end;
}

INSTANTIATE_TEST_SUITE_P(Asterisk22, OutcomeTranscriptsTest, ::testing::ValuesIn(kRows),
                         [](const auto& row) {
                           return absl::StrCat("Row", row.index, "_", row.param.transcript);
                         });

// A restart of the node while one call was up and one rang.
TEST(OutcomeTranscriptTest, RestartOfTheNodeEndsARingingCallUnanswered) {
  int handled = 0;
  int no_answer = 0;
  for (const auto& [channel, facts] : ReadTranscript("53_core_restart_now")) {
    const Classification result = Classify(Gather(facts), kNoAgents);
    handled += result.outcome == v1::OUTCOME_HANDLED ? 1 : 0;
    no_answer += result.outcome == v1::OUTCOME_NO_ANSWER ? 1 : 0;
    EXPECT_TRUE(result.try_counts);
  }
  EXPECT_EQ(handled, 1);
  EXPECT_EQ(no_answer, 1);
}

// A node at its maxload takes calls to an extension, lets them be answered and drops them.
TEST(OutcomeTranscriptTest, OverloadedNodeFailsTheDestination) {
  int handled = 0;
  int destination_failed = 0;
  for (const auto& [channel, facts] : ReadTranscript("56b_maxload")) {
    const v1::Outcome outcome = Classify(Gather(facts), kNoAgents).outcome;
    handled += outcome == v1::OUTCOME_HANDLED ? 1 : 0;
    destination_failed += outcome == v1::OUTCOME_DESTINATION_FAILED ? 1 : 0;
  }
  EXPECT_EQ(handled, 4);
  EXPECT_EQ(destination_failed, 4);
}

}  // namespace
}  // namespace outdial::engine
