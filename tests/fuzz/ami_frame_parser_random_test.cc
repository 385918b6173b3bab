// The fuzz target on inputs from a fixed seed.
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "engine/random.h"
#include "gtest/gtest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace outdial::ami {
namespace {

// Bytes of which messages are made, far more often than chance would have them.
constexpr absl::string_view kPieces[] = {
    "\r\n",
    "\n",
    "\r",
    ":",
    ": ",
    "\r\n\r\n",
    "Event",
    "Response: Error",
    "ActionID: 1",
    "\xff",
    absl::string_view("\0", 1),
    "a value that is longer than the line may be, by a good deal more"};

TEST(AmiFrameParserRandomTest, HoldsItsBoundsOnRandomBytes) {
  engine::Random random(20160101);
  for (int round = 0; round < 50'000; ++round) {
    std::string input;
    const uint64_t pieces = random.Below(40);
    for (uint64_t i = 0; i < pieces; ++i) {
      if (random.Below(3) == 0) {
        input += static_cast<char>(random.Below(256));
      } else {
        const absl::string_view piece = kPieces[random.Below(std::size(kPieces))];
        input.append(piece.data(), piece.size());
      }
    }
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
  }
}

}  // namespace
}  // namespace outdial::ami
