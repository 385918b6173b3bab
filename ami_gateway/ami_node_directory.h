// Which Asterisk node an AMI client gets.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "ami_gateway/ami_gateway.h"

namespace outdial::ami {

// No I/O. Belongs to one thread.
class AmiNodeDirectory {
 public:
  // `is_ready` may be empty: then no node is.
  AmiNodeDirectory(std::vector<NodeAddress> nodes,
                   std::function<bool(const std::string& name)> is_ready);

  // The nodes to try, in this order. `pinned` alone where it is not empty, otherwise those that are
  // in use before the others, each group in the order of the configuration.
  std::vector<NodeAddress> Candidates(const std::string& pinned) const;

  // The greeting of the first candidate, as it was last seen; empty: never seen.
  std::string Banner(const std::string& pinned) const;
  void LearnBanner(const std::string& node, absl::string_view banner);

  bool Has(const std::string& node) const;

 private:
  const std::vector<NodeAddress> nodes_;
  const std::function<bool(const std::string& name)> is_ready_;
  std::map<std::string, std::string> banners_;  // by node
};

}  // namespace outdial::ami
