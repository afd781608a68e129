// How requests name a person: by an identifier, in the path or in a body. Internal to this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "api/core.h"
#include "api/object_reader.h"
#include "base/ids.h"

namespace batuta::api {

struct PersonRef {
  std::string type;   // "user_id"
  std::string value;  // normalised
  base::IdentifierHash hash;
};

// A person as a request names them: by an identifier, or else by an id "per_…".
struct PersonName {
  std::optional<PersonRef> identifier;
  base::PersonId id;
};

// Nothing when no person of this hub can have such an id.
std::optional<base::PersonId> ParsePersonId(Core& core, std::string_view text);

// InvalidArgument, with a sentence, when no person can have such an identifier.
absl::StatusOr<PersonRef> MakePersonRef(Core& core, std::string_view type, std::string_view value);

// Whether the text is as kIdentifierTypes says, a letter first.
bool IsIdentifierType(std::string_view text);
inline constexpr std::string_view kIdentifierTypes =
    "the type of an identifier is 1 to 32 lower-case letters, digits and '_', such as user_id";
// "userId" is user_id, "anonymousId" anonymous_id, "deviceId" device_id; other names are types.
std::string TypeOfMember(std::string_view member);

// Reads the member "person" (or "customer") of a body: an object with one or more identifiers, of
// which the one that routes first is taken, or with an "id" alone. Nothing if it is not right; the
// errors say why.
std::optional<PersonName> ReadPersonMember(Core& core, ObjectReader& body,
                                           std::vector<http::ProblemError>& errors);

}  // namespace batuta::api
