#include "tests/storage/temp_directory.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "engine/check.h"

namespace outdial::storage {

TempDirectory::TempDirectory() {
  path_ = (std::filesystem::temp_directory_path() / "outdial_storage_XXXXXX").string();
  OUTDIAL_CHECK(mkdtemp(path_.data()) != nullptr, "the test needs a temporary directory");
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace outdial::storage
