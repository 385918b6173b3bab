// Stores to dial from: filled once, then copied, since filling one takes minutes and a copy
// milliseconds.
#pragma once

#include <string>

namespace outdial::bench {

// What is in a store: one list, and campaigns that dial it as soon as a node is ready.
struct StoreShape {
  int entries = 0;
  // Different classes of its entries, of 18 or so when it is small: one to three numbers, untried
  // or tried once or twice with some outcome, in the order of the list, as a list is after a
  // while. From 1,000 on every one has as many tries, so that its entries are dialled by turns.
  int classes = 18;
  // All were dialled before, in no order, so that they are dialled in no order again: what is next
  // lies anywhere in the tables. Of few classes only.
  bool shuffled = false;
  // With different plans in turn, ten at most.
  int campaigns = 1;
};

// A directory that goes with this object. Movable by no one.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

// Path of the store of this shape in `place`, which may hold several; fills it unless it is there.
std::string StoreIn(const std::string& place, const StoreShape& shape);

// Adds so many campaigns with one plan to a filled store, each with a list of its own.
void AddCampaigns(const std::string& directory, int campaigns, int entries_of_each);

// Copies a store that nobody has open, into a new directory. The copies share the files of the
// tables, which are never changed, and a copy has the size of what is not in tables yet.
void CopyStore(const std::string& from, const std::string& to);

}  // namespace outdial::bench
