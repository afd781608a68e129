// The one form of a spec that all its spellings share, and its hash.
//
// Members stand in the order of their names (bytes), at every depth; lists keep their order;
// defaults stay as written, absent ones absent; -0 is 0. So two specs are equal exactly if their
// forms are.
#pragma once

#include <string>

#include "base/value.pb.h"

namespace batuta::resource {

base::Value Canonical(const base::Value& value);
base::Fields Canonical(const base::Fields& fields);

// The strong entity tag of a spec: 32 hexadecimal digits of the hash of its canonical form.
std::string Etag(const base::Fields& spec);

}  // namespace batuta::resource
