// The canonical content of profile state, for state hashes: independent of the order of arrival, of
// the layout of timeline blocks and of the order of fields in objects.
#pragma once

#include "base/encoding.h"
#include "profile/profile.pb.h"

namespace batuta::profile {

void HashInto(base::ByteWriter& writer, const Profile& profile);
void HashInto(base::ByteWriter& writer, const AddressConsent& row);
// Without the members, which stand in rows of their own.
void HashInto(base::ByteWriter& writer, const GroupRow& row);
void HashInto(base::ByteWriter& writer, const Member& member);

}  // namespace batuta::profile
