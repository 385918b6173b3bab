#include "storage/record_time.h"

#include <cstddef>

#include "absl/time/civil_time.h"

namespace outdial::storage {
namespace {

constexpr absl::string_view kForm = "0000-00-00T00:00:00.000000000Z";
constexpr int64_t kNanosPerSecond = 1000000000;
constexpr int kFirstYear = 1678;  // whole years that fit in 64 bits of nanoseconds
constexpr int kLastYear = 2261;

// Without a branch, so that it is done many characters at a time.
bool HasForm(absl::string_view text) {
  if (text.size() != kForm.size()) return false;
  bool other = false;
  for (size_t i = 0; i < kForm.size(); ++i) {
    // A 0 of the form stands for any digit.
    const auto above = static_cast<unsigned char>(text[i] - kForm[i]);
    other |= above > (kForm[i] == '0' ? 9 : 0);
  }
  return !other;
}

int64_t Digits(absl::string_view text, size_t from, size_t count) {
  int64_t value = 0;
  for (size_t i = from; i < from + count; ++i) value = value * 10 + (text[i] - '0');
  return value;
}

bool IsLeap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

int64_t DaysInMonth(int64_t year, int64_t month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[month - 1];
}

// Days since 1970. By hand: a dialing has dozens of times, and absl::CivilSecond takes longer than
// all the rest of reading one. Years begin in March here, so that the leap day is their last.
int64_t DayOf(int64_t year, int64_t month, int64_t day) {
  const int64_t from_march = (month + 9) % 12;
  const int64_t years = month <= 2 ? year - 1 : year;
  return years * 365 + years / 4 - years / 100 + years / 400 + (153 * from_march + 2) / 5 + day -
         719469;
}

void PutDigits(std::string* text, size_t from, size_t count, int64_t value) {
  for (size_t i = from + count; i-- > from; value /= 10) {
    (*text)[i] = static_cast<char>('0' + value % 10);
  }
}

}  // namespace

std::optional<int64_t> ParseRecordNanos(absl::string_view text) {
  if (!HasForm(text)) return std::nullopt;
  const int64_t year = Digits(text, 0, 4), month = Digits(text, 5, 2), day = Digits(text, 8, 2);
  const int64_t hour = Digits(text, 11, 2), minute = Digits(text, 14, 2),
                second = Digits(text, 17, 2);
  if (year < kFirstYear || year > kLastYear || month < 1 || month > 12 || day < 1 ||
      day > DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59) {
    return std::nullopt;
  }
  const int64_t seconds = (DayOf(year, month, day) * 24 + hour) * 3600 + minute * 60 + second;
  return seconds * kNanosPerSecond + Digits(text, 20, 9);
}

std::string FormatRecordNanos(int64_t nanos) {
  int64_t seconds = nanos / kNanosPerSecond;
  int64_t fraction = nanos % kNanosPerSecond;
  if (fraction < 0) {
    fraction += kNanosPerSecond;
    --seconds;
  }
  const absl::CivilSecond civil = absl::CivilSecond(1970) + seconds;
  std::string text(kForm);
  PutDigits(&text, 0, 4, civil.year());
  PutDigits(&text, 5, 2, civil.month());
  PutDigits(&text, 8, 2, civil.day());
  PutDigits(&text, 11, 2, civil.hour());
  PutDigits(&text, 14, 2, civil.minute());
  PutDigits(&text, 17, 2, civil.second());
  PutDigits(&text, 20, 9, fraction);
  return text;
}

int64_t MicrosRoundedUp(absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);  // rounds down
  return absl::FromUnixMicros(micros) < time ? micros + 1 : micros;
}

}  // namespace outdial::storage
