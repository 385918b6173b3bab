// The client of the import benches: made-up people, sent as fast as the server takes them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "grpcpp/channel.h"
#include "outdial/v1/dl.pb.h"
#include "outdial/v1/dl_list_service.pb.h"

namespace outdial::bench {

// The person of a row: a key, a name, one number. Keys and numbers come in no order, as they do in
// lists from elsewhere.
v1::Dl PersonOf(uint64_t row);

struct ImportHow {
  v1::DuplicateRule duplicates = v1::DUPLICATE_RULE_ALLOW;  // by ukey
  uint64_t first_person = 0;                                // who comes first
  const std::atomic<bool>* stop = nullptr;                  // true: that is enough
};

// Imports up to `rows` people into a list, of whom none is there; how many are durable. Any thread.
uint64_t ImportPeople(const std::shared_ptr<grpc::Channel>& channel, const std::string& dlma,
                      uint64_t rows, const ImportHow& how = {});

enum class PeopleFormat { kCsv, kJsonLines };

// Writes the same people to a file.
void WritePeople(const std::string& path, uint64_t rows, PeopleFormat format);

}  // namespace outdial::bench
