#include "server/shows.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "engine/errors.h"
#include "engine/now.h"
#include "engine/uuid.h"

namespace outdial::server {
namespace {

// The records of a small kind: the one of `request.uuid()`, or all. `get`: Uuid ->
// StatusOr<Record>. `page` and `add`: as RecordPages.
template <class Uuid, class Response, class Request, class Get, class Page, class Add>
absl::StatusOr<NextBatch<Response>> OneOrAll(const Request& request, Get get, Page page, Add add) {
  if (!request.has_uuid()) return RecordPages<Response>(Uuid(), std::nullopt, page, add);
  const absl::StatusOr<Uuid> uuid = ParseUuidField<Uuid>("uuid", request.uuid());
  if (!uuid.ok()) return uuid.status();
  return OneRecord<Response>([get, uuid = *uuid] { return get(uuid); }, add);
}

// Absent text: absent uuid.
template <class Uuid>
absl::Status ParseOptional(absl::string_view field, bool present, const std::string& text,
                           std::optional<Uuid>* uuid) {
  if (!present) return absl::OkStatus();
  const absl::StatusOr<Uuid> parsed = ParseUuidField<Uuid>(field, text);
  if (parsed.ok()) *uuid = *parsed;
  return parsed.status();
}

// The campaign that a request about dialings is limited to; absent: it is about all.
template <class Request>
absl::StatusOr<std::optional<engine::CampaignUuid>> KnownCampaign(storage::StoreReader* reader,
                                                                  const Request& request) {
  std::optional<engine::CampaignUuid> campaign;
  absl::Status status =
      ParseOptional("camp_uuid", request.has_camp_uuid(), request.camp_uuid(), &campaign);
  if (status.ok() && campaign.has_value()) status = reader->GetCampaign(*campaign).status();
  if (!status.ok()) return status;
  return campaign;
}

bool AddDl(v1::OutDlListShowResponse* response, v1::Dl dl) {
  *response->add_dls() = std::move(dl);
  return true;
}

// Takes the outcomes of a request; `lowest` is the first code that makes sense there.
absl::Status TakeOutcomes(const google::protobuf::RepeatedField<int>& codes, int lowest,
                          std::vector<v1::Outcome>* outcomes) {
  for (const int outcome : codes) {
    if (!v1::Outcome_IsValid(outcome) || outcome < lowest) {
      return engine::InvalidField("outcomes",
                                  absl::StrCat("must be codes of outcomes, ", lowest, " to 12"));
    }
    outcomes->push_back(static_cast<v1::Outcome>(outcome));
  }
  return absl::OkStatus();
}

absl::Status TakeTime(absl::string_view field, bool present, const std::string& text,
                      std::optional<absl::Time>* time) {
  if (!present) return absl::OkStatus();
  const absl::StatusOr<absl::Time> parsed = engine::ParseRecordTime(text);
  if (!parsed.ok()) {
    return engine::InvalidField(field, "must be a time such as 2026-01-02T03:04:05Z");
  }
  *time = *parsed;
  return absl::OkStatus();
}

// Which fields of a request for a list's entries exclude each other.
absl::Status CheckDlFilters(const v1::OutDlListShowRequest& request) {
  if (request.has_status() && request.status() != v1::DL_STATUS_IDLE &&
      request.status() != v1::DL_STATUS_DIALING) {
    return engine::InvalidField("status", "must be 0 (idle) or 1 (dialing)");
  }
  const bool dialing = request.has_status() && request.status() == v1::DL_STATUS_DIALING;
  if (request.has_finished() != request.has_plan_uuid()) {
    return engine::InvalidField("plan_uuid", "must be given with finished, and only with it");
  }
  if (request.has_finished() && dialing) {
    return engine::InvalidField("finished", "must not be given with status 1 (dialing)");
  }
  const bool by_uuid = !dialing && !request.has_finished() && request.outcomes().empty();
  if (request.has_after_uuid() && (!by_uuid || request.has_after_position())) {
    return engine::InvalidField("after_uuid",
                                "must not be given with outcomes, finished, status 1 (dialing) or "
                                "after_position; go on with after_position");
  }
  return absl::OkStatus();
}

absl::StatusOr<storage::DlQuery> ToQuery(const v1::OutDlListShowRequest& request) {
  storage::DlQuery query;
  const auto dlma = ParseUuidField<engine::DlmaUuid>("dlma_uuid", request.dlma_uuid());
  if (!dlma.ok()) return dlma.status();
  query.dlma = *dlma;
  std::optional<engine::DlUuid> after;
  std::optional<engine::PlanUuid> plan;
  absl::Status status = CheckDlFilters(request);
  status.Update(
      ParseOptional("after_uuid", request.has_after_uuid(), request.after_uuid(), &after));
  status.Update(ParseOptional("plan_uuid", request.has_plan_uuid(), request.plan_uuid(), &plan));
  status.Update(TakeOutcomes(request.outcomes(), v1::OUTCOME_NONE, &query.outcomes));
  if (!status.ok()) return status;
  query.after_uuid = after.value_or(engine::DlUuid());
  query.plan = plan.value_or(engine::PlanUuid());
  if (request.has_status()) query.status = request.status();
  if (request.has_finished()) query.finished = request.finished();
  query.after_position = request.after_position();
  query.max_bytes = kMaxBatchBytes;
  return query;
}

// A batch may be empty, as one of results.
NextBatch<v1::OutDlListShowResponse> DlPages(storage::StoreReader* reader, storage::DlQuery query,
                                             std::optional<uint64_t> count) {
  uint64_t left = count.value_or(std::numeric_limits<uint64_t>::max());
  return [reader, query = std::move(query), left, limit = kFirstBatchRecords](
             v1::OutDlListShowResponse* response) mutable -> absl::StatusOr<Batch> {
    if (left == 0) return Batch::kNone;
    query.limit = static_cast<size_t>(std::min<uint64_t>(left, limit));
    limit = kMaxBatchRecords;
    auto page = reader->Dls(query);
    if (!page.ok()) return page.status();
    left -= page->dls.size();
    query.after_uuid = engine::DlUuid();
    query.after_position = page->position;
    response->set_position(page->position);
    for (v1::Dl& dl : page->dls) AddDl(response, std::move(dl));
    if (!page->at_end) return Batch::kMore;
    return response->dls_size() > 0 ? Batch::kLast : Batch::kNone;
  };
}

absl::StatusOr<storage::ResultQuery> ToQuery(const v1::OutResultShowRequest& request) {
  storage::ResultQuery query;
  absl::Status status;
  status.Update(
      ParseOptional("camp_uuid", request.has_camp_uuid(), request.camp_uuid(), &query.campaign));
  status.Update(
      ParseOptional("dlma_uuid", request.has_dlma_uuid(), request.dlma_uuid(), &query.dlma));
  status.Update(
      ParseOptional("dl_list_uuid", request.has_dl_list_uuid(), request.dl_list_uuid(), &query.dl));
  if (!status.ok()) return status;
  status.Update(TakeOutcomes(request.outcomes(), v1::OUTCOME_HANDLED, &query.outcomes));
  status.Update(
      TakeTime("ended_from", request.has_ended_from(), request.ended_from(), &query.ended_from));
  status.Update(TakeTime("ended_before", request.has_ended_before(), request.ended_before(),
                         &query.ended_before));
  if (!status.ok()) return status;
  query.after_position = request.after_position();
  query.with_records = request.with_records();
  return query;
}

// A batch of results may be empty: so a long search for few stays cancellable and shows that it
// lives.
NextBatch<v1::OutResultShowResponse> ResultPages(storage::StoreReader* reader,
                                                 storage::ResultQuery query,
                                                 std::optional<uint64_t> count) {
  uint64_t left = count.value_or(std::numeric_limits<uint64_t>::max());
  return [reader, query = std::move(query),
          left](v1::OutResultShowResponse* response) mutable -> absl::StatusOr<Batch> {
    if (left == 0) return Batch::kNone;
    query.limit = static_cast<size_t>(std::min<uint64_t>(left, kMaxBatchRecords));
    auto page = reader->Results(query);
    if (!page.ok()) return page.status();
    bool at_end = page->at_end;
    if (!query.is_continued && page->trimmed_until.has_value()) {
      response->set_trimmed_until(engine::FormatRecordTime(*page->trimmed_until));
    }
    query.is_continued = true;
    query.after_position = page->scanned_to;
    size_t bytes = 0;
    for (v1::Result& result : page->results) {
      bytes += result.ByteSizeLong();
      if (response->results_size() > 0 && bytes > kMaxBatchBytes) {
        // The rest of the page is read again with the next batch.
        at_end = false;
        query.after_position = response->results(response->results_size() - 1).position();
        break;
      }
      *response->add_results() = std::move(result);
      --left;
    }
    response->set_position(query.after_position);
    if (!at_end) return Batch::kMore;
    return response->results_size() > 0 || response->has_trimmed_until() ? Batch::kLast
                                                                         : Batch::kNone;
  };
}

}  // namespace

absl::StatusOr<NextBatch<v1::OutCampaignShowResponse>> ShowCampaigns(
    const ShowSources& sources, const v1::OutCampaignShowRequest& request) {
  storage::StoreReader* reader = sources.reader;
  return OneOrAll<engine::CampaignUuid, v1::OutCampaignShowResponse>(
      request, [reader](const engine::CampaignUuid& uuid) { return reader->GetCampaign(uuid); },
      [reader](const engine::CampaignUuid& after, size_t limit) {
        return reader->Campaigns(after, limit);
      },
      [board = sources.board](v1::OutCampaignShowResponse* response, v1::Campaign campaign) {
        board->AddWait(&campaign);
        *response->add_campaigns() = std::move(campaign);
        return true;
      });
}

absl::StatusOr<NextBatch<v1::OutCampaignStatShowResponse>> ShowCampaignStats(
    const ShowSources& sources, const v1::OutCampaignStatShowRequest& request) {
  storage::StoreReader* reader = sources.reader;
  const auto read = [reader](const engine::CampaignUuid& uuid) {
    return reader->CampaignStat(uuid);
  };
  if (request.has_uuid()) {
    const auto uuid = ParseUuidField<engine::CampaignUuid>("uuid", request.uuid());
    if (!uuid.ok()) return uuid.status();
    return OneRecord<v1::OutCampaignStatShowResponse>(
        [read, uuid = *uuid] { return read(uuid); },
        [](v1::OutCampaignStatShowResponse* response, v1::CampaignStat stat) {
          *response->add_stats() = std::move(stat);
          return true;
        });
  }
  return RecordPages<v1::OutCampaignStatShowResponse>(
      engine::CampaignUuid(), std::nullopt,
      [reader](const engine::CampaignUuid& after, size_t limit) {
        return reader->Campaigns(after, limit);
      },
      [read](v1::OutCampaignStatShowResponse* response,
             const v1::Campaign& campaign) -> absl::StatusOr<bool> {
        auto stat = read(*engine::CampaignUuid::Parse(campaign.uuid()));
        // Deleted since its page was read.
        if (absl::IsNotFound(stat.status())) return false;
        if (!stat.ok()) return stat.status();
        *response->add_stats() = *std::move(stat);
        return true;
      });
}

absl::StatusOr<NextBatch<v1::OutPlanShowResponse>> ShowPlans(
    const ShowSources& sources, const v1::OutPlanShowRequest& request) {
  storage::StoreReader* reader = sources.reader;
  return OneOrAll<engine::PlanUuid, v1::OutPlanShowResponse>(
      request, [reader](const engine::PlanUuid& uuid) { return reader->GetPlan(uuid); },
      [reader](const engine::PlanUuid& after, size_t limit) { return reader->Plans(after, limit); },
      [](v1::OutPlanShowResponse* response, v1::Plan plan) {
        *response->add_plans() = std::move(plan);
        return true;
      });
}

absl::StatusOr<NextBatch<v1::OutDlmaShowResponse>> ShowDlmas(
    const ShowSources& sources, const v1::OutDlmaShowRequest& request) {
  storage::StoreReader* reader = sources.reader;
  return OneOrAll<engine::DlmaUuid, v1::OutDlmaShowResponse>(
      request, [reader](const engine::DlmaUuid& uuid) { return reader->GetDlma(uuid); },
      [reader](const engine::DlmaUuid& after, size_t limit) { return reader->Dlmas(after, limit); },
      [](v1::OutDlmaShowResponse* response, v1::Dlma dlma) {
        *response->add_dlmas() = std::move(dlma);
        return true;
      });
}

absl::StatusOr<NextBatch<v1::OutDestinationShowResponse>> ShowDestinations(
    const ShowSources& sources, const v1::OutDestinationShowRequest& request) {
  storage::StoreReader* reader = sources.reader;
  return OneOrAll<engine::DestinationUuid, v1::OutDestinationShowResponse>(
      request,
      [reader](const engine::DestinationUuid& uuid) { return reader->GetDestination(uuid); },
      [reader](const engine::DestinationUuid& after, size_t limit) {
        return reader->Destinations(after, limit);
      },
      [](v1::OutDestinationShowResponse* response, v1::Destination destination) {
        *response->add_destinations() = std::move(destination);
        return true;
      });
}

absl::StatusOr<NextBatch<v1::OutDlListShowResponse>> ShowDls(
    const ShowSources& sources, const v1::OutDlListShowRequest& request) {
  storage::StoreReader* reader = sources.reader;
  if (request.has_uuid() && request.has_dlma_uuid()) {
    return engine::InvalidField("uuid", "must not be given together with dlma_uuid");
  }
  if (!request.has_uuid() && !request.has_dlma_uuid()) {
    return engine::InvalidField("uuid", "is required, or else dlma_uuid for a whole list");
  }
  if (request.has_uuid()) {
    const auto uuid = ParseUuidField<engine::DlUuid>("uuid", request.uuid());
    if (!uuid.ok()) return uuid.status();
    return OneRecord<v1::OutDlListShowResponse>(
        [reader, uuid = *uuid] { return reader->GetDl(uuid); }, AddDl);
  }
  auto query = ToQuery(request);
  if (!query.ok()) return query.status();
  if (absl::Status known = reader->GetDlma(query->dlma).status(); !known.ok()) return known;
  std::optional<uint64_t> count;
  if (request.has_count()) count = request.count();
  return DlPages(reader, *std::move(query), count);
}

absl::StatusOr<NextBatch<v1::OutDialingShowResponse>> ShowDialings(
    const ShowSources& sources, const v1::OutDialingShowRequest& request) {
  storage::StoreReader* reader = sources.reader;
  const auto campaign = KnownCampaign(reader, request);
  if (!campaign.ok()) return campaign.status();
  const std::string only = campaign->has_value() ? (*campaign)->ToString() : "";
  return OneOrAll<engine::DialingUuid, v1::OutDialingShowResponse>(
      request, [reader](const engine::DialingUuid& uuid) { return reader->GetDialing(uuid); },
      [reader](const engine::DialingUuid& after, size_t limit) {
        return reader->LiveDialings(after, limit);
      },
      [only](v1::OutDialingShowResponse* response, v1::Dialing dialing) {
        if (!only.empty() && dialing.camp_uuid() != only) return false;
        *response->add_dialings() = std::move(dialing);
        return true;
      });
}

absl::StatusOr<NextBatch<v1::OutResultShowResponse>> ShowResults(
    const ShowSources& sources, const v1::OutResultShowRequest& request) {
  storage::StoreReader* reader = sources.reader;
  if (request.has_uuid()) {
    const auto uuid = ParseUuidField<engine::DialingUuid>("uuid", request.uuid());
    if (!uuid.ok()) return uuid.status();
    return OneRecord<v1::OutResultShowResponse>(
        [reader, uuid = *uuid, with_records = request.with_records()] {
          return reader->GetResult(uuid, with_records);
        },
        [](v1::OutResultShowResponse* response, v1::Result result) {
          *response->add_results() = std::move(result);
          return true;
        });
  }
  auto query = ToQuery(request);
  if (!query.ok()) return query.status();
  std::optional<uint64_t> count;
  if (request.has_count()) count = request.count();
  return ResultPages(reader, *std::move(query), count);
}

absl::StatusOr<v1::OutDialingSummaryResponse> SummarizeDialings(
    const ShowSources& sources, const v1::OutDialingSummaryRequest& request) {
  const auto campaign = KnownCampaign(sources.reader, request);
  if (!campaign.ok()) return campaign.status();
  const auto count = sources.reader->CountDialings(*campaign);
  if (!count.ok()) return count.status();
  v1::OutDialingSummaryResponse response;
  response.set_count(count->total);
  response.set_answered(count->answered);
  response.set_with_agent(count->with_agent);
  return response;
}

}  // namespace outdial::server
