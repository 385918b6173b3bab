// OutDlCreate of a dialplan: its arguments as a request of the API, and errors in its words.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "outdial/v1/dl_list_service.pb.h"

namespace outdial::ami {

// `dlma,number1[:number2...][,name[,detail[,email[,ukey[,var=val...]]]]]`: the form of the system
// that this one takes the place of.
//
// White space around an argument doesn't count, and an empty one is not given. Numbers keep their
// places: `:2000` gives the second one alone; the colon of a `sip:` or `sips:` address divides
// nothing. Each further argument holds variables, `a=1:b=2`: a colon divides them where a name and
// `=` follow, so that values may hold colons.
//
// INVALID_ARGUMENT: no dlma, no number, more than eight numbers, or a variable without `=`; all
// that is about the values themselves is the engine's to judge.
absl::StatusOr<v1::OutDlListCreateRequest> ReadOutDlCreate(
    const std::vector<std::string>& arguments);

// Why no entry was made, the fields named as the arguments are: `number 2 must ...`.
std::string OutDlCreateProblem(const absl::Status& status);

}  // namespace outdial::ami
