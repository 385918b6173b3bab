// The log: one line per fact, `event key=value ...`, on stderr.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "engine/dial_engine.h"
#include "spdlog/async_logger.h"
#include "spdlog/logger.h"
#include "spdlog/sinks/sink.h"

namespace outdial::server {

struct LogOptions {
  enum class Format { kText, kJson };
  engine::LogLine::Level level = engine::LogLine::Level::kInfo;
  Format format = Format::kText;
};

// Thread-safe.
//
// People's data (numbers, udata, variables) shows at level debug only, and masked otherwise;
// secrets never, whatever the level.
class Logger {
 public:
  // To stderr, from a thread of its own: whoever logs never waits for who reads. When the reader
  // falls kMaxWaitingLines behind, the oldest lines are lost.
  explicit Logger(const LogOptions& options);
  Logger(const LogOptions& options, std::shared_ptr<spdlog::sinks::sink> sink);

  void Log(const engine::LogLine& line);
  void Info(const std::string& name, std::vector<std::pair<std::string, std::string>> fields = {});
  void Warning(const std::string& name,
               std::vector<std::pair<std::string, std::string>> fields = {});
  void Error(const std::string& name, std::vector<std::pair<std::string, std::string>> fields = {});

 private:
  static constexpr size_t kMaxWaitingLines = 8192;

  // Makes the logger's output what the options say.
  void SetUp();

  const LogOptions options_;
  // Null: lines are written at once. Shared since spdlog asks for it.
  std::shared_ptr<spdlog::details::thread_pool> writer_;
  std::shared_ptr<spdlog::logger> logger_;
};

// `name key=value ...`; a value with anything but plain characters is quoted and escaped, so that
// a line is always one line. `unmasked`: people's data is shown.
std::string FormatLine(const engine::LogLine& line, LogOptions::Format format, bool unmasked);

// "debug", "info", "warning", "error"; absent: none of these.
std::optional<engine::LogLine::Level> ParseLogLevel(absl::string_view name);

}  // namespace outdial::server
