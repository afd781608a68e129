// The types that the tracking plan gives to the properties of events, for conditions on them.
#pragma once

#include "expr/type.h"
#include "feature/recognise.h"
#include "resource/tracking_plan.h"

namespace batuta::feature {

// Numbers of JSON are doubles, times are texts, as they stand in the event.
expr::Type PropertiesType(const std::string& event, const resource::DeclaredEvent& declared);

// Events that the plan does not know may be asked for, too: anything goes of their properties.
RecogniseOptions TypesOf(const resource::TrackingPlan& plan);

}  // namespace batuta::feature
