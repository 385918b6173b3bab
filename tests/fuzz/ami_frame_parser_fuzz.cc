// libFuzzer target: any bytes, cut anywhere, leave the AMI parser within its bounds, and what it
// took for a message is written and read back as it was.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ami_gateway/ami_encoder.h"
#include "ami_gateway/ami_frame_parser.h"
#include "engine/check.h"

namespace {

using outdial::ami::AmiFrame;
using outdial::ami::AmiFrameLimits;
using outdial::ami::AmiFrameParser;

constexpr AmiFrameLimits kLimits{.max_line_bytes = 64, .max_lines = 8, .max_message_bytes = 256};

void CheckRoundTrip(const AmiFrame& frame) {
  const auto bytes = outdial::ami::EncodeAmiMessage(frame.message, kLimits);
  if (!bytes.ok()) return;  // a bare CR, which the encoder refuses, or a name with a control
  AmiFrameParser parser(AmiFrameParser::Side::kFromClient);
  std::vector<AmiFrame> again;
  parser.Consume(*bytes, &again);
  OUTDIAL_CHECK(again.size() == 1 && again[0].message == frame.message, "round trip");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const absl::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const size_t cut = data[0] % (bytes.size() + 1);
  AmiFrameParser parser(
      data[1] % 2 == 0 ? AmiFrameParser::Side::kFromServer : AmiFrameParser::Side::kFromClient,
      kLimits);
  std::vector<AmiFrame> frames;
  parser.Consume(bytes.substr(0, cut), &frames);
  OUTDIAL_CHECK(parser.buffered_bytes() <= kLimits.max_message_bytes + kLimits.max_line_bytes + 1,
                "bounded");
  parser.Consume(bytes.substr(cut), &frames);
  for (const AmiFrame& frame : frames) {
    OUTDIAL_CHECK(frame.message.headers().size() <= kLimits.max_lines, "bounded");
    CheckRoundTrip(frame);
  }
  return 0;
}
