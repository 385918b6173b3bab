// What outdiald does with a stopped store instead of running: checking it, and putting a backup in
// its place.
#pragma once

#include <ostream>
#include <string>

namespace outdial::server {

struct StoreTask {
  enum class Kind { kVerify, kRestore };
  Kind kind = Kind::kVerify;
  std::string data_dir;
  std::string backup;  // of kRestore: its directory
};

// Does it; `out` gets what was found, in text for people, `err` why it could not be done. The
// result is the exit status: 0, the store is sound, or the backup is in place; 1, something is
// damaged, each record or file told on a line of its own, or the task could not be done.
int RunStoreTask(const StoreTask& task, std::ostream& out, std::ostream& err);

}  // namespace outdial::server
