#include "cli/input_stream.h"

#include <cstring>

namespace outdial::cli {
namespace {

constexpr absl::string_view kGzipMagic = "\x1F\x8B";
// Of zlib: the largest window, and a gzip header.
constexpr int kGzipWindowBits = 15 + 16;

}  // namespace

InputBuffer::~InputBuffer() {
  if (is_gzip_) inflateEnd(&inflater_);
}

absl::string_view InputBuffer::Ahead() {
  if (underflow() == traits_type::eof()) return {};
  return {gptr(), static_cast<size_t>(egptr() - gptr())};
}

InputBuffer::int_type InputBuffer::underflow() {
  if (gptr() < egptr()) return traits_type::to_int_type(*gptr());
  if (!has_begun_) {
    has_begun_ = true;
    ReadBlock();
    is_gzip_ = absl::string_view(block_.data(), block_bytes_).substr(0, 2) == kGzipMagic &&
               inflateInit2(&inflater_, kGzipWindowBits) == Z_OK;
    inflater_.next_in = reinterpret_cast<Bytef*>(block_.data());
    inflater_.avail_in = static_cast<uInt>(block_bytes_);
  }
  const size_t bytes = is_gzip_ ? Inflate() : TakePlain();
  setg(text_.data(), text_.data(), text_.data() + bytes);
  return bytes == 0 ? traits_type::eof() : traits_type::to_int_type(text_[0]);
}

bool InputBuffer::ReadBlock() {
  source_->read(block_.data(), block_.size());
  block_bytes_ = static_cast<size_t>(source_->gcount());
  source_bytes_ += block_bytes_;
  return block_bytes_ > 0;
}

void InputBuffer::Fail(const char* error) {
  error_ = error;
  owner_->setstate(std::ios::badbit);
}

size_t InputBuffer::TakePlain() {
  if (block_bytes_ == 0 && !ReadBlock()) return 0;
  const size_t bytes = block_bytes_;
  std::memcpy(text_.data(), block_.data(), bytes);
  block_bytes_ = 0;
  return bytes;
}

size_t InputBuffer::Inflate() {
  inflater_.next_out = reinterpret_cast<Bytef*>(text_.data());
  inflater_.avail_out = kBlockBytes;
  while (error_.empty() && inflater_.avail_out == kBlockBytes) {
    if (inflater_.avail_in == 0) {
      if (!ReadBlock()) {
        if (!at_end_of_member_) Fail("ends in the middle of its gzip data");
        break;
      }
      inflater_.next_in = reinterpret_cast<Bytef*>(block_.data());
      inflater_.avail_in = static_cast<uInt>(block_bytes_);
    }
    if (at_end_of_member_) inflateReset(&inflater_);
    const int result = inflate(&inflater_, Z_NO_FLUSH);
    at_end_of_member_ = result == Z_STREAM_END;
    if (result != Z_OK && result != Z_STREAM_END) Fail("is damaged: its gzip data can't be read");
  }
  return kBlockBytes - inflater_.avail_out;
}

}  // namespace outdial::cli
