// How often one source may fail to log in.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <deque>
#include <list>
#include <map>

#include "absl/time/time.h"
#include "engine/now.h"

namespace outdial::ami {

struct LoginLimits {
  size_t max_failed_logins = 30;  // the last of them begins the ban
  absl::Duration window = absl::Minutes(1);
  absl::Duration ban = absl::Minutes(1);
  // Sources that are remembered; beyond it the one that failed longest ago is forgotten.
  size_t max_sources = 10'000;
};

// Counts the failed logins of each source and says who is banned. A success forgives nothing:
// whoever has a login could otherwise go on guessing others. No I/O, no clock; belongs to one
// thread.
class LoginLimiter {
 public:
  explicit LoginLimiter(LoginLimits limits) : limits_(limits) {}

  bool IsBanned(const boost::asio::ip::address& source, engine::MonotonicTime now) const;

  // True: this failure began a ban. Failures during a ban don't prolong it.
  bool NoteFailure(const boost::asio::ip::address& source, engine::MonotonicTime now);

  size_t sources() const { return entries_.size(); }

 private:
  struct Entry {
    boost::asio::ip::address source;
    std::deque<engine::MonotonicTime> failures;  // within the window, oldest first
    engine::MonotonicTime banned_until = -absl::InfiniteDuration();
  };

  Entry& Touch(const boost::asio::ip::address& source);

  LoginLimits limits_;
  std::list<Entry> entries_;  // the one that failed last comes first
  std::map<boost::asio::ip::address, std::list<Entry>::iterator> by_source_;
};

}  // namespace outdial::ami
