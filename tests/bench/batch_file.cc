#include "tests/bench/batch_file.h"

#include <cstdint>
#include <utility>

#include "engine/check.h"

namespace outdial::bench {
namespace {

using storage::WriteBatch;

// What stands before the key and the value of a change.
struct Header {
  uint8_t is_last = 0;  // of its batch; then there is no change
  uint8_t kind = 0;
  uint8_t family = 0;
  uint32_t key_bytes = 0;
  uint32_t value_bytes = 0;
};

std::FILE* Open(const std::string& path, const char* mode) {
  std::FILE* const file = std::fopen(path.c_str(), mode);
  OUTDIAL_CHECK(file != nullptr, "the file of batches can be opened");
  return file;
}

void Append(const Header& header, std::string* bytes) {
  bytes->append(reinterpret_cast<const char*>(&header), sizeof(header));
}

}  // namespace

BatchRecorder::BatchRecorder(std::unique_ptr<storage::KeyValueStore> store, const std::string& path)
    : store_(std::move(store)), file_(Open(path, "wb")) {}

BatchRecorder::~BatchRecorder() {
  OUTDIAL_CHECK(std::fclose(file_) == 0, "the file of batches is written");
}

absl::Status BatchRecorder::Commit(const WriteBatch& batch, storage::Durability durability) {
  // Put together first: the import that is measured should notice little of it.
  bytes_.clear();
  for (const WriteBatch::Op& op : batch.ops()) {
    Append({.kind = static_cast<uint8_t>(op.kind),
            .family = static_cast<uint8_t>(op.family),
            .key_bytes = static_cast<uint32_t>(op.key.size()),
            .value_bytes = static_cast<uint32_t>(op.value.size())},
           &bytes_);
    bytes_.append(op.key.data(), op.key.size());
    bytes_.append(op.value.data(), op.value.size());
  }
  Append({.is_last = 1}, &bytes_);
  OUTDIAL_CHECK(std::fwrite(bytes_.data(), 1, bytes_.size(), file_) == bytes_.size(),
                "the file of batches is written");
  return store_->Commit(batch, durability);
}

BatchReader::BatchReader(const std::string& path) : file_(Open(path, "rb")) {}

BatchReader::~BatchReader() { std::fclose(file_); }

absl::string_view BatchReader::Read(size_t bytes) {
  std::string& text = texts_.emplace_back(bytes, '\0');
  OUTDIAL_CHECK(std::fread(text.data(), 1, bytes, file_) == bytes, "the file of batches is whole");
  return text;
}

bool BatchReader::Next(WriteBatch* batch) {
  *batch = WriteBatch();
  texts_.clear();
  Header header;
  while (std::fread(&header, sizeof(header), 1, file_) == 1) {
    if (header.is_last != 0) return true;
    const auto family = static_cast<storage::Family>(header.family);
    const absl::string_view key = Read(header.key_bytes);
    const absl::string_view value = Read(header.value_bytes);
    switch (static_cast<WriteBatch::Op::Kind>(header.kind)) {
      case WriteBatch::Op::Kind::kPut:
        batch->Put(family, key, value);
        break;
      case WriteBatch::Op::Kind::kDelete:
        batch->Delete(family, key);
        break;
      case WriteBatch::Op::Kind::kDeleteRange:
        batch->DeleteRange(family, key, value);
        break;
    }
  }
  return false;
}

}  // namespace outdial::bench
