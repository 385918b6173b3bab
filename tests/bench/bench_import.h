// The client of the import benches: made-up people, sent as fast as the server takes them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "grpcpp/channel.h"
#include "outdial/v1/dl.pb.h"

namespace outdial::bench {

// The person of a row: a key, a name, one number. Keys and numbers come in no order, as they do in
// lists from elsewhere.
v1::Dl PersonOf(uint64_t row);

// Imports up to `rows` rows into a list, until `*stop`; how many are durable. Any thread.
uint64_t ImportPeople(const std::shared_ptr<grpc::Channel>& channel, const std::string& dlma,
                      uint64_t rows, const std::atomic<bool>* stop = nullptr);

// Writes the same people as CSV.
void WritePeople(const std::string& path, uint64_t rows);

}  // namespace outdial::bench
