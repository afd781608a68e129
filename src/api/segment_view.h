// How memberships of segments are shown. Internal to this folder.
#pragma once

#include <cstdint>

#include "base/value.pb.h"
#include "engine/fold.h"
#include "engine/row.pb.h"

namespace batuta::api {

// The segments that a person is in: [{name, since, cause}], by name.
base::Value SegmentsValue(const engine::Fold& fold, const engine::PersonRow& row);

// {personId, since, cause}. Requires: the person of that number is a member of the edition.
// `scratch` is room for who is not in memory.
base::Value MemberValue(engine::Fold& fold, uint64_t edition, uint32_t number,
                        engine::PersonRow& scratch);

}  // namespace batuta::api
