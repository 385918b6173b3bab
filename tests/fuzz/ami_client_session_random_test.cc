// The fuzz target on inputs from a fixed seed.
#include <cstdint>
#include <vector>

#include "engine/random.h"
#include "gtest/gtest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace outdial::ami {
namespace {

TEST(AmiClientSessionRandomTest, GivesRightsToTheAcceptedLoginAloneAndBendsNoMessage) {
  engine::Random random(20160102);
  for (int round = 0; round < 20'000; ++round) {
    std::vector<uint8_t> input(random.Below(400));
    for (uint8_t& byte : input) byte = static_cast<uint8_t>(random.Below(256));
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
}

}  // namespace
}  // namespace outdial::ami
