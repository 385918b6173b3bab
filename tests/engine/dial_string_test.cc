#include "engine/dial_string.h"

#include "engine/errors.h"
#include "gtest/gtest.h"

namespace outdial::engine {
namespace {

EngineConfig Config() {
  EngineConfig config;
  config.allowed_sip_hosts = {"Example.com", "[::1]"};
  return config;
}

v1::Plan Plan(const std::string& tech, const std::string& trunk) {
  v1::Plan plan;
  if (!tech.empty()) plan.set_tech_name(tech);
  if (!trunk.empty()) plan.set_trunk_name(trunk);
  return plan;
}

std::string Channel(const std::string& number, const std::string& tech, const std::string& trunk,
                    const EngineConfig& config = Config()) {
  const absl::StatusOr<DialString> dial = BuildDialString(number, Plan(tech, trunk), config);
  return dial.ok() ? dial->channel : std::string(dial.status().message());
}

TEST(DialStringTest, JoinsTechNumberAndTrunk) {
  EXPECT_EQ(Channel("5550100", "PJSIP", "gw"), "PJSIP/5550100@gw");
  EXPECT_EQ(Channel("5550100", "PJSIP", ""), "PJSIP/5550100");
  EXPECT_EQ(Channel("5550100", "", "gw"), "PJSIP/5550100@gw");
}

TEST(DialStringTest, DialsWhatRemainsOfANumber) {
  EXPECT_EQ(DialledNumber("+1 (555) 01-00.7"), "+155501007");
  EXPECT_EQ(Channel("+31 (0)20-555.01.00", "", "gw"), "PJSIP/+310205550100@gw");
}

TEST(DialStringTest, TakesTechNamesInAnyForm) {
  for (const char* tech : {"PJSIP", "pjsip", "PJSIP/", "pjSip/"}) {
    EXPECT_EQ(Channel("100", tech, "gw"), "PJSIP/100@gw") << tech;
  }
  EXPECT_EQ(Channel("100", "iax2/", "gw"), "IAX2/100@gw");
  EXPECT_EQ(Channel("100", "Motif", "gw"), "Motif/100@gw");
}

TEST(DialStringTest, TellsWhenAnAliasIsDialledInstead) {
  const auto dial = BuildDialString("100", Plan("Sip/", "gw"), Config());
  ASSERT_TRUE(dial.ok());
  EXPECT_EQ(dial->channel, "PJSIP/100@gw");
  EXPECT_EQ(dial->tech, "PJSIP");
  EXPECT_EQ(dial->replaced_tech, "Sip");
  EXPECT_EQ(BuildDialString("100", Plan("pjsip", "gw"), Config())->replaced_tech, "");
}

TEST(DialStringTest, AliasToItselfKeepsSip) {
  EngineConfig config = Config();
  config.tech_alias.clear();
  EXPECT_EQ(Channel("100", "sip", "gw", config), "SIP/100@gw");
}

TEST(DialStringTest, SendsAddressesThroughTheTrunk) {
  EXPECT_EQ(Channel("sip:ann.b-c@example.com", "", "gw"), "PJSIP/gw/sip:ann.b-c@example.com");
  EXPECT_EQ(Channel("SIPS:ann@EXAMPLE.com:5061", "sip/", "gw"),
            "PJSIP/gw/SIPS:ann@EXAMPLE.com:5061");
  EXPECT_EQ(Channel("sip:ann@[::1]:5060", "", "gw"), "PJSIP/gw/sip:ann@[::1]:5060");
  EXPECT_EQ(Channel("sip:ann@example.com", "", ""),
            "plan.trunk_name must name the PJSIP endpoint that sip: addresses go out on");
  EXPECT_EQ(Channel("sip:ann@example.com", "IAX2", "gw"),
            "plan.tech_name must be PJSIP to dial a sip: address");
}

TEST(DialStringTest, RefusesLocalUnlessAllowed) {
  EngineConfig config = Config();
  for (const char* tech : {"Local", "local/", "LOCAL"}) {
    EXPECT_EQ(Channel("100", tech, "out", config),
              "plan.tech_name must not be Local unless the configuration sets "
              "allow_local_channels");
  }
  config.allow_local_channels = true;
  EXPECT_EQ(Channel("100", "local/", "out", config), "Local/100@out");
}

TEST(DialStringTest, RefusesLocalBehindAnAlias) {
  EngineConfig config = Config();
  config.tech_alias["sip"] = "local";
  EXPECT_FALSE(BuildDialString("100", Plan("SIP", "out"), config).ok());
}

TEST(DialStringTest, RefusesBadNumbers) {
  const auto dial = BuildDialString("100&PJSIP/200", Plan("", "gw"), Config());
  EXPECT_EQ(ReasonOf(dial.status()), Reason::kInvalidField);
  EXPECT_EQ(ViolationsOf(dial.status()).at(0).field, "dl.number");
}

TEST(SipHostTest, ReadsAddressesOfTheOneForm) {
  EXPECT_EQ(SipHost("sip:ann@Example.com"), "example.com");
  EXPECT_EQ(SipHost("sips:+31*#_.-@10.0.0.1:5061"), "10.0.0.1");
  EXPECT_EQ(SipHost("sip:ann@[2001:db8::1]"), "[2001:db8::1]");
  for (const char* address :
       {"sip:", "sip:ann", "sip:@example.com", "sip:ann@", "sip:ann@example.com;transport=tcp",
        "sip:ann@example.com?x=1", "sip:ann@example.com/x", "sip:ann@exa mple.com",
        "sip:ann&bob@example.com", "sip:ann@example.com:", "sip:ann@example.com:x",
        "sip:ann@example.com:123456", "sip:ann@[::1", "sip:ann@[::1]x", "sip:ann@a@b",
        "sip:ann,b@example.com", "100", "tel:100"}) {
    EXPECT_FALSE(SipHost(address).has_value()) << address;
  }
}

}  // namespace
}  // namespace outdial::engine
