// The bytes of a file or of standard input, unpacked where they are gzip.
#pragma once

#include <zlib.h>

#include <array>
#include <cstdint>
#include <istream>
#include <streambuf>
#include <string>

#include "absl/strings/string_view.h"

namespace outdial::cli {

// Looks at the first bytes, not at a name, to tell gzip; several members in a row are one text.
// Belongs to one thread.
class InputBuffer : public std::streambuf {
 public:
  // Both must outlive it; `owner` gets bad() with error().
  InputBuffer(std::istream* source, std::ios* owner) : source_(source), owner_(owner) {}
  ~InputBuffer() override;
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;

  // What comes next, without taking it; empty at the end.
  absl::string_view Ahead();
  // Bytes of the source that were read, up to a block ahead of what was taken.
  uint64_t source_bytes() const { return source_bytes_; }
  // Not empty: the text ended early, since the gzip data is cut or damaged.
  const std::string& error() const { return error_; }

 protected:
  int_type underflow() override;

 private:
  static constexpr size_t kBlockBytes = 64 * 1024;

  // The next block of the source; false: there is none.
  bool ReadBlock();
  // Both give the number of bytes in text_; 0: the end.
  size_t TakePlain();
  size_t Inflate();
  void Fail(const char* error);

  std::istream* const source_;
  std::ios* const owner_;
  bool has_begun_ = false;
  bool is_gzip_ = false;
  bool at_end_of_member_ = false;
  z_stream inflater_{};
  std::array<char, kBlockBytes> block_;
  size_t block_bytes_ = 0;
  std::array<char, kBlockBytes> text_;
  uint64_t source_bytes_ = 0;
  std::string error_;
};

// The same as a stream. It is bad() once the text turned out to end early.
class InputStream : public std::istream {
 public:
  explicit InputStream(std::istream* source) : std::istream(nullptr), buffer_(source, this) {
    rdbuf(&buffer_);
  }
  InputBuffer& buffer() { return buffer_; }

 private:
  InputBuffer buffer_;
};

}  // namespace outdial::cli
