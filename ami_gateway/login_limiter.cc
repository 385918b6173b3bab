#include "ami_gateway/login_limiter.h"

#include <boost/asio/ip/address_v6.hpp>

#include "ami_gateway/networks.h"

namespace outdial::ami {
namespace {

namespace ip = boost::asio::ip;

// Whoever has an IPv6 network has all addresses of a /64 at hand.
ip::address SourceOf(const ip::address& address) {
  const ip::address plain = PlainAddress(address);
  if (plain.is_v4()) return plain;
  ip::address_v6::bytes_type bytes = plain.to_v6().to_bytes();
  for (size_t i = bytes.size() / 2; i < bytes.size(); ++i) bytes[i] = 0;
  return ip::address_v6(bytes);
}

}  // namespace

bool LoginLimiter::IsBanned(const ip::address& source, engine::MonotonicTime now) const {
  const auto found = by_source_.find(SourceOf(source));
  return found != by_source_.end() && now < found->second->banned_until;
}

bool LoginLimiter::NoteFailure(const ip::address& source, engine::MonotonicTime now) {
  Entry& entry = Touch(SourceOf(source));
  if (now < entry.banned_until) return false;
  while (!entry.failures.empty() && entry.failures.front() <= now - limits_.window) {
    entry.failures.pop_front();
  }
  entry.failures.push_back(now);
  if (entry.failures.size() < limits_.max_failed_logins) return false;
  entry.failures.clear();
  entry.banned_until = now + limits_.ban;
  return true;
}

LoginLimiter::Entry& LoginLimiter::Touch(const ip::address& source) {
  if (const auto found = by_source_.find(source); found != by_source_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    return entries_.front();
  }
  if (entries_.size() >= limits_.max_sources) {
    by_source_.erase(entries_.back().source);
    entries_.pop_back();
  }
  entries_.emplace_front().source = source;
  by_source_.emplace(source, entries_.begin());
  return entries_.front();
}

}  // namespace outdial::ami
