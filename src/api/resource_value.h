// How a resource looks in answers. Internal to this folder.
#pragma once

#include "base/value.pb.h"
#include "resource/set.h"

namespace batuta::api {

// {kind, name, version, etag, author, time, spec}
base::Value ResourceValue(const resource::Resource& resource);

}  // namespace batuta::api
