#include "server/logger.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "spdlog/async.h"
#include "spdlog/sinks/stdout_sinks.h"

namespace outdial::server {
namespace {

constexpr absl::string_view kPersonalKeys[] = {"number",    "dial_addr", "dial_channel", "channel",
                                               "caller_id", "udata",     "variables",    "ukey",
                                               "email",     "frame"};
constexpr absl::string_view kSecretKeys[] = {"secret", "password", "token", "key"};

bool IsOneOf(absl::string_view key, const absl::string_view* begin, const absl::string_view* end) {
  return std::find(begin, end, key) != end;
}

// The last two characters tell one call from the next without telling who it is.
std::string Mask(const std::string& value) {
  if (value.size() <= 4) return "***";
  return absl::StrCat("***", value.substr(value.size() - 2));
}

std::string Shown(const std::string& key, const std::string& value, bool unmasked) {
  if (IsOneOf(key, std::begin(kSecretKeys), std::end(kSecretKeys))) return "***";
  if (unmasked || value.empty()) return value;
  if (IsOneOf(key, std::begin(kPersonalKeys), std::end(kPersonalKeys))) return Mask(value);
  return value;
}

bool IsPlain(absl::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || absl::StrContains("-_.:/@+*#,%()<>[]", static_cast<char>(c));
  });
}

// Quoted as JSON quotes, which every log collector reads.
std::string Quote(const std::string& value) {
  return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

const char* LevelName(engine::LogLine::Level level) {
  switch (level) {
    case engine::LogLine::Level::kDebug:
      return "debug";
    case engine::LogLine::Level::kInfo:
      return "info";
    case engine::LogLine::Level::kWarning:
      return "warning";
    case engine::LogLine::Level::kError:
      return "error";
  }
  return "error";
}

spdlog::level::level_enum ToSpdlog(engine::LogLine::Level level) {
  switch (level) {
    case engine::LogLine::Level::kDebug:
      return spdlog::level::debug;
    case engine::LogLine::Level::kInfo:
      return spdlog::level::info;
    case engine::LogLine::Level::kWarning:
      return spdlog::level::warn;
    case engine::LogLine::Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

constexpr char kTextPattern[] = "%Y-%m-%dT%H:%M:%S.%fZ %l %v";
constexpr char kJsonPattern[] = R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ",%v})";

}  // namespace

Logger::Logger(const LogOptions& options)
    : options_(options),
      writer_(std::make_shared<spdlog::details::thread_pool>(kMaxWaitingLines, 1)),
      logger_(std::make_shared<spdlog::async_logger>(
          "outdial", std::make_shared<spdlog::sinks::stderr_sink_mt>(), writer_,
          spdlog::async_overflow_policy::overrun_oldest)) {
  SetUp();
}

Logger::Logger(const LogOptions& options, std::shared_ptr<spdlog::sinks::sink> sink)
    : options_(options), logger_(std::make_shared<spdlog::logger>("outdial", std::move(sink))) {
  SetUp();
}

void Logger::SetUp() {
  logger_->set_level(ToSpdlog(options_.level));
  logger_->flush_on(spdlog::level::debug);
  logger_->set_pattern(options_.format == LogOptions::Format::kText ? kTextPattern : kJsonPattern,
                       spdlog::pattern_time_type::utc);
}

void Logger::Log(const engine::LogLine& line) {
  if (line.level < options_.level) return;
  const bool unmasked = options_.level == engine::LogLine::Level::kDebug;
  logger_->log(ToSpdlog(line.level), FormatLine(line, options_.format, unmasked));
}

void Logger::Info(const std::string& name,
                  std::vector<std::pair<std::string, std::string>> fields) {
  Log({engine::LogLine::Level::kInfo, name, std::move(fields)});
}

void Logger::Warning(const std::string& name,
                     std::vector<std::pair<std::string, std::string>> fields) {
  Log({engine::LogLine::Level::kWarning, name, std::move(fields)});
}

void Logger::Error(const std::string& name,
                   std::vector<std::pair<std::string, std::string>> fields) {
  Log({engine::LogLine::Level::kError, name, std::move(fields)});
}

std::string FormatLine(const engine::LogLine& line, LogOptions::Format format, bool unmasked) {
  if (format == LogOptions::Format::kText) {
    std::string text = line.name;
    for (const auto& [key, value] : line.fields) {
      const std::string shown = Shown(key, value, unmasked);
      absl::StrAppend(&text, " ", key, "=", IsPlain(shown) ? shown : Quote(shown));
    }
    return text;
  }
  std::string text =
      absl::StrCat(R"("level":")", LevelName(line.level), R"(","event":)", Quote(line.name));
  for (const auto& [key, value] : line.fields) {
    absl::StrAppend(&text, ",", Quote(key), ":", Quote(Shown(key, value, unmasked)));
  }
  return text;
}

std::optional<engine::LogLine::Level> ParseLogLevel(absl::string_view name) {
  for (const auto level : {engine::LogLine::Level::kDebug, engine::LogLine::Level::kInfo,
                           engine::LogLine::Level::kWarning, engine::LogLine::Level::kError}) {
    if (name == LevelName(level)) return level;
  }
  return std::nullopt;
}

}  // namespace outdial::server
