// What no transcript shows: lost connections, stops, and codes that no callee of the lab sends.
#include "engine/outcome_classifier.h"

#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

constexpr DialingTerms kNoAgents{.has_agents = false, .abandon_after = absl::Seconds(2)};
constexpr DialingTerms kAgents{.has_agents = true, .abandon_after = absl::Seconds(2)};
const DialingUuid kDialing = *DialingUuid::Parse("0192b7c4-5d2e-7a31-9c5b-2f6d1e8a4b07");

// A dialing whose facts come one second apart unless said.
class Script {
 public:
  Script& Then(const NodeFact& fact, absl::Duration after = absl::Seconds(1)) {
    at_ += after;
    facts_.Add(fact, Moment::At(at_));
    return *this;
  }
  Script& HungUp(int cause, std::optional<int> sip = {}, absl::Duration after = absl::Seconds(1)) {
    return Then(ChannelHungUp{kDialing, cause, "", sip}, after);
  }
  Script& Failed(int reason = 0) { return Then(OriginateResponse{kDialing, false, reason, ""}); }
  Script& Created() { return Then(ChannelCreated{kDialing, "PJSIP/trunk-1"}); }
  Script& Ringing() { return Then(ChannelRinging{kDialing}); }
  Script& Up() { return Then(ChannelUp{kDialing}); }
  // Read one `after` the one before; happened up to `late` earlier, by the node's clock at `stamp`.
  Script& Late(const NodeFact& fact, absl::Duration after, absl::Duration late,
               std::optional<absl::Duration> stamp = std::nullopt) {
    at_ += after;
    Moment moment{.latest = at_, .earliest = at_ - late, .stamp = std::nullopt};
    if (stamp.has_value()) moment.stamp = absl::FromUnixSeconds(1800000000) + *stamp;
    facts_.Add(fact, moment);
    return *this;
  }
  Script& Stopped() {
    facts_.stopped_by_campaign = true;
    return *this;
  }
  Script& EndedUnseen() {
    facts_.ended_unseen = true;
    return *this;
  }
  const DialingFacts& facts() const { return facts_; }

 private:
  MonotonicTime at_;
  DialingFacts facts_;
};

v1::Outcome OutcomeOfSip(int sip, int cause) {
  return Classify(Script().Created().HungUp(cause, sip).Failed().facts(), kNoAgents).outcome;
}

TEST(OutcomeClassifierTest, SortsSipCodesByWhoseFaultItIs) {
  EXPECT_EQ(OutcomeOfSip(600, 17), v1::OUTCOME_BUSY);
  EXPECT_EQ(OutcomeOfSip(604, 1), v1::OUTCOME_INVALID_NUMBER);
  EXPECT_EQ(OutcomeOfSip(410, 22), v1::OUTCOME_INVALID_NUMBER);
  EXPECT_EQ(OutcomeOfSip(607, 21), v1::OUTCOME_REJECTED);
  EXPECT_EQ(OutcomeOfSip(401, 21), v1::OUTCOME_NETWORK_FAILURE);
  EXPECT_EQ(OutcomeOfSip(407, 21), v1::OUTCOME_NETWORK_FAILURE);
  EXPECT_EQ(OutcomeOfSip(502, 38), v1::OUTCOME_NETWORK_FAILURE);
  EXPECT_EQ(OutcomeOfSip(302, 0), v1::OUTCOME_NETWORK_FAILURE);
}

TEST(OutcomeClassifierTest, TakesTheCauseWhereThereIsNoSipCode) {
  const auto outcome = [](int cause) {
    return Classify(Script().Created().HungUp(cause).Failed().facts(), kNoAgents).outcome;
  };
  EXPECT_EQ(outcome(17), v1::OUTCOME_BUSY);
  EXPECT_EQ(outcome(21), v1::OUTCOME_REJECTED);
  EXPECT_EQ(outcome(28), v1::OUTCOME_INVALID_NUMBER);
  EXPECT_EQ(outcome(19), v1::OUTCOME_NO_ANSWER);
  EXPECT_EQ(outcome(38), v1::OUTCOME_NETWORK_FAILURE);
  EXPECT_EQ(outcome(111), v1::OUTCOME_NETWORK_FAILURE);
}

TEST(OutcomeClassifierTest, CountsAgentsInTimeOnly) {
  const auto outcome = [](absl::Duration after) {
    return Classify(Script()
                        .Up()
                        .Then(QueueJoined{kDialing, "sales"}, absl::ZeroDuration())
                        .Then(AgentConnected{kDialing, "sales", "PJSIP/a"}, after)
                        .HungUp(16)
                        .facts(),
                    kAgents)
        .outcome;
  };
  EXPECT_EQ(outcome(absl::Seconds(2)), v1::OUTCOME_HANDLED);
  EXPECT_EQ(outcome(absl::Seconds(2) + absl::Milliseconds(1)), v1::OUTCOME_ABANDONED);
}

TEST(OutcomeClassifierTest, FailedDestinationIsOneThatEndsAtOnceUnasked) {
  const auto outcome = [](Script script) { return Classify(script.facts(), kNoAgents).outcome; };
  EXPECT_EQ(outcome(Script().Up().HungUp(0, {}, absl::Milliseconds(3))),
            v1::OUTCOME_DESTINATION_FAILED);
  // Long after, asked for, another cause, or in a queue already.
  EXPECT_EQ(outcome(Script().Up().HungUp(0, {}, absl::Seconds(2))), v1::OUTCOME_HANDLED);
  EXPECT_EQ(outcome(Script()
                        .Up()
                        .Then(HangupRequested{kDialing, {}, {}}, absl::ZeroDuration())
                        .HungUp(0, {}, absl::Milliseconds(3))),
            v1::OUTCOME_HANDLED);
  EXPECT_EQ(outcome(Script().Up().HungUp(16, {}, absl::Milliseconds(3))), v1::OUTCOME_HANDLED);
  EXPECT_EQ(outcome(Script()
                        .Up()
                        .Then(QueueJoined{kDialing, "sales"}, absl::ZeroDuration())
                        .HungUp(0, {}, absl::Milliseconds(3))),
            v1::OUTCOME_HANDLED);
}

TEST(OutcomeClassifierTest, DestinationHasNotFailedWhereBothWereReadAfterAStall) {
  const auto outcome = [](absl::Duration late, std::optional<absl::Duration> talk) {
    const auto answered = talk.has_value() ? std::optional(absl::ZeroDuration()) : std::nullopt;
    return Classify(Script()
                        .Late(ChannelUp{kDialing}, absl::Seconds(9), late, answered)
                        .Late(ChannelHungUp{kDialing, 0, "", {}}, absl::Milliseconds(2), late, talk)
                        .facts(),
                    kNoAgents)
        .outcome;
  };
  EXPECT_EQ(outcome(absl::Milliseconds(500), {}), v1::OUTCOME_DESTINATION_FAILED);
  EXPECT_EQ(outcome(absl::Seconds(3.5), {}), v1::OUTCOME_HANDLED);
  EXPECT_EQ(outcome(absl::Seconds(3.5), absl::Seconds(2)), v1::OUTCOME_HANDLED);
  // The node's own clock tells it even then.
  EXPECT_EQ(outcome(absl::Seconds(3.5), absl::Milliseconds(3)), v1::OUTCOME_DESTINATION_FAILED);
}

TEST(OutcomeClassifierTest, DestinationHasNotFailedWhereTheAnswerWasFoundInAList) {
  EXPECT_EQ(Classify(Script()
                         .Then(ChannelListed{kDialing, "PJSIP/x-1", true})
                         .HungUp(0, {}, absl::Milliseconds(3))
                         .facts(),
                     kNoAgents)
                .outcome,
            v1::OUTCOME_HANDLED);
}

TEST(OutcomeClassifierTest, AgentWasLateOnlyWhereThatIsSure) {
  const auto outcome = [](absl::Duration late, std::optional<absl::Duration> waited) {
    const auto answered = waited.has_value() ? std::optional(absl::ZeroDuration()) : std::nullopt;
    return Classify(Script()
                        .Late(ChannelUp{kDialing}, absl::Seconds(9), {}, answered)
                        .Late(AgentConnected{kDialing, "sales", "PJSIP/a"}, absl::Seconds(3.5),
                              late, waited)
                        .HungUp(16)
                        .facts(),
                    kAgents)
        .outcome;
  };
  EXPECT_EQ(outcome(absl::Milliseconds(500), {}), v1::OUTCOME_ABANDONED);
  EXPECT_EQ(outcome(absl::Seconds(3.5), {}), v1::OUTCOME_HANDLED);
  EXPECT_EQ(outcome(absl::Seconds(3.5), absl::Seconds(1)), v1::OUTCOME_HANDLED);
  EXPECT_EQ(outcome(absl::Seconds(3.5), absl::Seconds(3)), v1::OUTCOME_ABANDONED);
}

TEST(OutcomeClassifierTest, ForcedStopIsTheOutcomeUnlessSomethingElseWasCertain) {
  const auto outcome = [](Script script, const DialingTerms& terms) {
    return Classify(script.facts(), terms).outcome;
  };
  EXPECT_EQ(outcome(Script().Created().Ringing().Failed().HungUp(16).Stopped(), kNoAgents),
            v1::OUTCOME_STOPPED);
  EXPECT_EQ(outcome(Script().Created().Stopped().EndedUnseen(), kNoAgents), v1::OUTCOME_UNKNOWN);
  EXPECT_EQ(outcome(Script().Up().Stopped().EndedUnseen(), kNoAgents), v1::OUTCOME_UNKNOWN);
  EXPECT_EQ(outcome(Script().Up().HungUp(16).Stopped(), kNoAgents), v1::OUTCOME_STOPPED);
  EXPECT_EQ(outcome(Script().Created().HungUp(17, 486).Failed().Stopped(), kNoAgents),
            v1::OUTCOME_BUSY);
  // Whoever answered and got nobody was abandoned, also by a stop.
  EXPECT_EQ(outcome(Script().Up().HungUp(16).Stopped(), kAgents), v1::OUTCOME_ABANDONED);
}

TEST(OutcomeClassifierTest, CallRecordTellsWhatNobodySaw) {
  const auto how = [](const std::string& disposition, const DialingTerms& terms) {
    const Script script = Script()
                              .Created()
                              .Then(NodeDisconnected{})
                              .Then(CallRecorded{kDialing, disposition})
                              .EndedUnseen();
    return Classify(script.facts(), terms);
  };
  EXPECT_EQ(how("BUSY", kNoAgents).outcome, v1::OUTCOME_BUSY);
  EXPECT_EQ(how("NO ANSWER", kNoAgents).outcome, v1::OUTCOME_NO_ANSWER);
  EXPECT_EQ(how("CONGESTION", kNoAgents).outcome, v1::OUTCOME_NETWORK_FAILURE);
  EXPECT_EQ(how("FAILED", kNoAgents).outcome, v1::OUTCOME_UNKNOWN);
  EXPECT_EQ(how("FAILED", kNoAgents).res_dial, v1::DIAL_RESULT_FAILED);
  EXPECT_EQ(how("ANSWERED", kNoAgents).outcome, v1::OUTCOME_HANDLED);
  // Who answered is known, and so not dialled again; who of the agents got the call is not.
  EXPECT_EQ(how("ANSWERED", kAgents).outcome, v1::OUTCOME_UNKNOWN);
  EXPECT_EQ(how("ANSWERED", kAgents).res_dial, v1::DIAL_RESULT_ANSWERED);
}

TEST(OutcomeClassifierTest, NeverSentTakesTheTryBack) {
  for (const NodeFact& fact :
       {NodeFact(OriginateUnsent{kDialing}), NodeFact(OriginateRefused{kDialing, "no"})}) {
    const Classification result = Classify(Script().Then(fact).facts(), kNoAgents);
    EXPECT_EQ(result.outcome, v1::OUTCOME_NOT_SENT);
    EXPECT_FALSE(result.try_counts);
    EXPECT_EQ(result.status, v1::DIALING_STATUS_ERROR);
    EXPECT_EQ(result.trunk_sign, TrunkSign::kNone);
  }
}

TEST(OutcomeClassifierTest, FailureWithoutAChannelIsCertainOnlyWhenNothingWasMissed) {
  EXPECT_FALSE(Classify(Script().Failed().facts(), kNoAgents).try_counts);
  const Script missed = Script().Then(NodeDisconnected{"cut", false}).Failed().EndedUnseen();
  EXPECT_FALSE(missed.facts().ended());
  const Classification result = Classify(missed.facts(), kNoAgents);
  EXPECT_TRUE(result.try_counts);
  EXPECT_EQ(result.outcome, v1::OUTCOME_UNKNOWN);
  EXPECT_EQ(result.res_dial, v1::DIAL_RESULT_FAILED);
}

TEST(OutcomeClassifierTest, UnseenEndIsUnknownAndCounts) {
  const Classification result =
      Classify(Script().Created().Ringing().EndedUnseen().facts(), kNoAgents);
  EXPECT_EQ(result.outcome, v1::OUTCOME_UNKNOWN);
  EXPECT_FALSE(result.res_dial.has_value());
  EXPECT_FALSE(result.res_hangup.has_value());
  EXPECT_EQ(result.status, v1::DIALING_STATUS_ERROR);
  EXPECT_TRUE(result.try_counts);
}

TEST(OutcomeClassifierTest, UnseenAgentIsNoAbandonedCall) {
  const Script script =
      Script().Up().Then(NodeDisconnected{"cut", false}).HungUp(16, {}, absl::Minutes(3));
  const Classification result = Classify(script.facts(), kAgents);
  EXPECT_EQ(result.outcome, v1::OUTCOME_UNKNOWN);
  EXPECT_EQ(result.res_dial, v1::DIAL_RESULT_ANSWERED);
  EXPECT_EQ(Classify(script.facts(), kNoAgents).outcome, v1::OUTCOME_HANDLED);
}

TEST(OutcomeClassifierTest, TimeoutIsTheTrunksFaultOnlyWhenSilenceWasSeen) {
  const auto outcome = [](Script script) { return Classify(script.facts(), kNoAgents).outcome; };
  EXPECT_EQ(outcome(Script().Created().HungUp(19, 480).Failed(3)), v1::OUTCOME_NETWORK_FAILURE);
  EXPECT_EQ(outcome(Script().Created().Then(ChannelProgress{kDialing}).HungUp(19, 480).Failed(3)),
            v1::OUTCOME_NO_ANSWER);
  EXPECT_EQ(
      outcome(Script().Created().Then(NodeDisconnected{"cut", false}).HungUp(19, 480).Failed(3)),
      v1::OUTCOME_NO_ANSWER);
}

TEST(OutcomeClassifierTest, SaysItInWords) {
  const Classification busy =
      Classify(Script().Created().HungUp(17, 486).Failed().facts(), kNoAgents);
  EXPECT_EQ(busy.res_dial_detail, "Busy (SIP 486)");
  EXPECT_EQ(busy.res_hangup_detail, "User busy");
  const Classification refused = Classify(
      Script().Then(OriginateRefused{kDialing, "Extension does not exist."}).facts(), kNoAgents);
  EXPECT_EQ(refused.res_dial_detail, "Refused by the node: Extension does not exist.");
}

TEST(DialingFactsTest, WaitsForTheResponseOfACallThatNobodyAnswered) {
  Script script;
  script.Created().HungUp(19, 480);
  EXPECT_TRUE(script.facts().ended());
  EXPECT_FALSE(script.facts().complete());
  script.Failed(3);
  EXPECT_TRUE(script.facts().complete());
}

TEST(DialingFactsTest, IsCompleteAtTheHangupOfAnAnsweredCall) {
  Script script;
  script.Created().Up();
  EXPECT_FALSE(script.facts().ended());
  script.HungUp(16);
  EXPECT_TRUE(script.facts().complete());
}

TEST(DialingFactsTest, FailureOfAKnownChannelIsNotItsEnd) {
  EXPECT_FALSE(Script().Created().Failed().facts().ended());
}

TEST(DialingFactsTest, KeepsTheFirstAnswer) {
  DialingFacts facts;
  facts.Add(DialEnded{kDialing, "ANSWER"}, Moment::At(absl::Seconds(7)));
  facts.Add(ChannelUp{kDialing}, Moment::At(absl::Seconds(5)));
  facts.Add(OriginateResponse{kDialing, true, 4, ""}, Moment::At(absl::Seconds(6)));
  EXPECT_EQ(facts.answered_at.value().latest, absl::Seconds(5));
}

TEST(DialingFactsTest, TakesUpAStoredDialing) {
  const Now now{.mono = absl::Seconds(100),
                .wall = *ParseRecordTime("2026-11-22T12:00:10.000000000Z")};
  v1::Dialing dialing;
  dialing.set_channel_name("PJSIP/trunk-1");
  dialing.set_queue("sales");
  dialing.set_tm_answer("2026-11-22T12:00:00.000000000Z");
  dialing.set_tm_agent_connect("2026-11-22T12:00:01.500000000Z");
  const DialingFacts facts = FactsOf(dialing, now);
  EXPECT_TRUE(facts.facts_missed);
  EXPECT_TRUE(facts.channel_seen);
  EXPECT_TRUE(facts.queue_joined);
  EXPECT_EQ(facts.answered_at.value().latest, absl::Seconds(90));
  EXPECT_EQ(facts.agent_connected_at.value().latest, absl::Seconds(91.5));
  EXPECT_FALSE(facts.surely_no_channel());
}

TEST(DialingFactsTest, KnowsNothingCertainOfADialingThatWasJustStored) {
  v1::Dialing dialing;
  const DialingFacts facts = FactsOf(dialing, {});
  EXPECT_FALSE(facts.ended());
  EXPECT_FALSE(facts.answered());
}

}  // namespace
}  // namespace outdial::engine
