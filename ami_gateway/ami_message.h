// One message of the Asterisk Manager Interface: an action, a response or an event.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace outdial::ami {

struct AmiHeader {
  std::string name;
  std::string value;  // raw bytes: Asterisk passes on what is no UTF-8

  friend bool operator==(const AmiHeader&, const AmiHeader&) = default;
};

// Headers in the order of the wire. Names are looked up without regard to case and may repeat
// (`Variable`). A plain value: any thread may own one. Views that it returns live as long as the
// message is unchanged.
class AmiMessage {
 public:
  AmiMessage() = default;
  AmiMessage(std::initializer_list<AmiHeader> headers) : headers_(headers) {}

  void Add(absl::string_view name, absl::string_view value) {
    headers_.push_back({std::string(name), std::string(value)});
  }

  // Makes room for so many headers at once.
  void Reserve(size_t headers) { headers_.reserve(headers); }

  // The first value under this name; nullopt: there is none.
  std::optional<absl::string_view> Find(absl::string_view name) const;
  // The same, empty when there is none.
  absl::string_view Get(absl::string_view name) const;
  // All values under this name, in order.
  std::vector<absl::string_view> GetAll(absl::string_view name) const;
  // The value as a decimal integer; nullopt: absent, or no integer.
  std::optional<int> GetInt(absl::string_view name) const;

  const std::vector<AmiHeader>& headers() const { return headers_; }
  bool empty() const { return headers_.empty(); }

  // What the message is. The event OriginateResponse has a header `Response` too, so that an
  // `Event` header decides first.
  bool is_event() const { return Find("Event").has_value(); }
  bool is_response() const { return !is_event() && Find("Response").has_value(); }

  friend bool operator==(const AmiMessage&, const AmiMessage&) = default;

 private:
  std::vector<AmiHeader> headers_;
};

}  // namespace outdial::ami
