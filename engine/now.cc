#include "engine/now.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"

namespace outdial::engine {
namespace {

// Written by hand instead of with absl::FormatTime and absl::ParseTime: an event needs several
// times, and those two interpret a format each time.

constexpr int64_t kSecondsPerDay = 86400;
// 0000-01-01 and 9999-12-31: the years that RFC 3339 can write.
constexpr int64_t kFirstSecond = -62167219200;
constexpr int64_t kLastSecond = 253402300799;

struct CivilDate {
  int64_t year;
  int month;  // 1 to 12
  int day;    // 1 to 31
};

// Both conversions count years from March, so that the leap day is the last of its year, and in
// eras of 400 years, which all have 146097 days.

CivilDate DateOfDay(int64_t day_since_1970) {
  const int64_t shifted = day_since_1970 + 719468;  // days since 0000-03-01
  const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const int64_t day_of_era = shifted - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const int month =
      static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {.year = year_of_era + era * 400 + (month <= 2 ? 1 : 0), .month = month, .day = day};
}

int64_t DayOfDate(const CivilDate& date) {
  const int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
  const int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

int DaysInMonth(const CivilDate& date) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
  return date.month == 2 && leap ? 29 : kDays[date.month - 1];
}

// `value` as `width` digits with leading zeros, into `*place`, which moves on.
void PutDigits(int64_t value, int width, char** place) {
  for (int i = width - 1; i >= 0; --i) {
    (*place)[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  *place += width;
}

// Takes pieces off the front of a text; once one is not there, ok() stays false.
class Reader {
 public:
  explicit Reader(absl::string_view text) : text_(text) {}

  int Digits(size_t width) {
    int value = 0;
    if (text_.size() < width) ok_ = false;
    for (size_t i = 0; ok_ && i < width; ++i) value = value * 10 + NextDigit();
    return value;
  }
  void Literal(absl::string_view any_of) {
    if (!NextIs(any_of)) ok_ = false;
    if (ok_) text_.remove_prefix(1);
  }
  // What stands after the decimal point; digits beyond the ninth are dropped.
  int64_t FractionNanoseconds() {
    int64_t nanoseconds = 0;
    int64_t unit = 100000000;
    if (!NextIs("0123456789")) ok_ = false;
    while (ok_ && NextIs("0123456789")) {
      nanoseconds += unit * NextDigit();
      unit /= 10;
    }
    return nanoseconds;
  }
  bool NextIs(absl::string_view any_of) const {
    return !text_.empty() && any_of.find(text_.front()) != absl::string_view::npos;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return text_.empty(); }

 private:
  int NextDigit() {
    const char c = text_.front();
    if (c < '0' || c > '9') ok_ = false;
    text_.remove_prefix(1);
    return ok_ ? c - '0' : 0;
  }

  absl::string_view text_;
  bool ok_ = true;
};

// Seconds that the zone `Z`, `+hh:mm` or `-hh:mm` is ahead of UTC.
int64_t ReadZone(Reader* reader, bool* in_range) {
  if (reader->NextIs("Zz")) {
    reader->Literal("Zz");
    return 0;
  }
  const bool behind = reader->NextIs("-");
  reader->Literal("+-");
  const int hours = reader->Digits(2);
  reader->Literal(":");
  const int minutes = reader->Digits(2);
  *in_range = *in_range && hours <= 23 && minutes <= 59;
  const int64_t seconds = hours * 3600 + minutes * 60;
  return behind ? -seconds : seconds;
}

}  // namespace

std::string FormatRecordTime(absl::Time time) {
  const int64_t second = absl::ToUnixSeconds(time);
  const bool in_range = second >= kFirstSecond && second <= kLastSecond;
  const int64_t shown = std::clamp(second, kFirstSecond, kLastSecond);
  const int64_t nanoseconds =
      in_range ? absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(second)) : 0;
  const int64_t day = (shown >= 0 ? shown : shown - (kSecondsPerDay - 1)) / kSecondsPerDay;
  const int64_t second_of_day = shown - day * kSecondsPerDay;
  const CivilDate date = DateOfDay(day);

  std::string text = "0000-00-00T00:00:00.000000000Z";
  char* place = text.data();
  PutDigits(date.year, 4, &place);
  PutDigits(date.month, 2, &++place);
  PutDigits(date.day, 2, &++place);
  PutDigits(second_of_day / 3600, 2, &++place);
  PutDigits(second_of_day / 60 % 60, 2, &++place);
  PutDigits(second_of_day % 60, 2, &++place);
  PutDigits(nanoseconds, 9, &++place);
  return text;
}

absl::StatusOr<absl::Time> ParseRecordTime(absl::string_view text) {
  Reader reader(text);
  CivilDate date{};
  date.year = reader.Digits(4);
  reader.Literal("-");
  date.month = reader.Digits(2);
  reader.Literal("-");
  date.day = reader.Digits(2);
  reader.Literal("Tt ");
  const int hour = reader.Digits(2);
  reader.Literal(":");
  const int minute = reader.Digits(2);
  reader.Literal(":");
  const int second = reader.Digits(2);
  int64_t nanoseconds = 0;
  if (reader.NextIs(".")) {
    reader.Literal(".");
    nanoseconds = reader.FractionNanoseconds();
  }
  // Second 60 is a leap second; it reads as the first one of the next minute.
  bool in_range = date.month >= 1 && date.month <= 12 && date.day >= 1 &&
                  date.day <= DaysInMonth(date) && hour <= 23 && minute <= 59 && second <= 60;
  const int64_t ahead = ReadZone(&reader, &in_range);
  if (!reader.ok() || !reader.at_end() || !in_range) {
    return absl::InvalidArgumentError(
        "must be a time with a zone as RFC 3339 writes it, for example "
        "2016-10-22T14:34:45.339299560Z");
  }
  const int64_t second_since_1970 =
      DayOfDate(date) * kSecondsPerDay + hour * 3600 + minute * 60 + second - ahead;
  return absl::FromUnixSeconds(second_since_1970) + absl::Nanoseconds(nanoseconds);
}

}  // namespace outdial::engine
