#include "ami_gateway/ami_action_reader.h"

#include <utility>

#include "engine/check.h"

namespace outdial::ami {

void AmiActionReader::Add(absl::string_view bytes) {
  unread_.erase(0, std::exchange(taken_, 0));
  unread_.append(bytes.data(), bytes.size());
}

std::optional<AmiActionReader::Piece> AmiActionReader::NextPiece() {
  const absl::string_view rest = absl::string_view(unread_).substr(taken_);
  if (rest.empty()) return std::nullopt;
  const size_t end = splitter_.TakeToEnd(rest);
  Piece piece{rest.substr(0, end), end != absl::string_view::npos};
  taken_ += piece.bytes.size();
  return piece;
}

std::optional<AmiFrame> AmiActionReader::NextFrame() {
  const std::optional<Piece> piece = NextPiece();
  if (!piece.has_value()) return std::nullopt;
  std::vector<AmiFrame> frames;
  parser_.Consume(piece->bytes, &frames);
  OUTDIAL_CHECK(frames.size() == (piece->ends_message ? 1 : 0), "a message ends in one place");
  if (frames.empty()) return std::nullopt;
  return std::move(frames.front());
}

AmiFrame ParseAmiFrame(absl::string_view bytes, const AmiFrameLimits& limits) {
  AmiFrameParser parser(AmiFrameParser::Side::kFromClient, limits);
  std::vector<AmiFrame> frames;
  parser.Consume(bytes, &frames);
  return frames.empty() ? AmiFrame() : std::move(frames.front());
}

}  // namespace outdial::ami
