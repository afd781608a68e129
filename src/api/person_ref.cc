#include "api/person_ref.h"

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "base/value.h"
#include "connect/event_builder.h"
#include "identity/normalise.h"
#include "identity/routing.h"
#include "resource/document.h"

namespace batuta::api {
namespace {

// Sources also write ids as numbers.
std::string TextOf(const base::Value& value) {
  if (value.kind_case() == base::Value::kText) return value.text();
  const double number = value.number();
  constexpr double kExact = 9007199254740992;
  const bool whole = value.kind_case() == base::Value::kNumber && number >= -kExact &&
                     number <= kExact &&
                     number == static_cast<double>(static_cast<int64_t>(number));
  return whole ? base::StrCat(static_cast<int64_t>(number)) : std::string();
}

}  // namespace

bool IsIdentifierType(std::string_view text) {
  if (text.empty() || text.size() > 32 || text[0] < 'a' || text[0] > 'z') return false;
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

std::string TypeOfMember(std::string_view member) {
  if (member == "userId") return "user_id";
  if (member == "anonymousId") return "anonymous_id";
  if (member == "deviceId") return "device_id";
  return std::string(member);
}

absl::StatusOr<PersonRef> MakePersonRef(Core& core, std::string_view type, std::string_view value) {
  if (!IsIdentifierType(type)) {
    return absl::InvalidArgumentError(base::AbslView(kIdentifierTypes));
  }
  // No event could name them.
  if ((type == "user_id" || type == "anonymous_id") && value.size() > connect::kMaxNameBytes) {
    return absl::InvalidArgumentError(base::StrCat("it has ", value.size(), " bytes; at most ",
                                                   connect::kMaxNameBytes, " are taken"));
  }
  const auto view = core.definitions.Now();
  identity::Normalised normal = identity::Normalise(view->definitions->identity, type, value);
  if (!normal.blocked.empty() || normal.value.empty()) {
    return absl::InvalidArgumentError(
        base::StrCat("this value names nobody: ",
                     normal.blocked.empty() ? "it is empty" : std::string_view(normal.blocked)));
  }
  const base::IdentifierHash hash = core.hub.vault().HashIdentifier(type, normal.value);
  return PersonRef{std::string(type), std::move(normal.value), hash};
}

std::optional<base::PersonId> ParsePersonId(Core& core, std::string_view text) {
  const auto id = base::PersonId::Parse(text);
  if (!id.ok() || base::Index(id->partition) >= core.hub.partitions()) return std::nullopt;
  return *id;
}

namespace {

// {"id": "per_…"}
std::optional<PersonName> ReadId(Core& core, const base::Fields& person, const std::string& pointer,
                                 std::vector<http::ProblemError>& errors) {
  const base::Value& value = *base::Find(person, "id");
  const auto id = ParsePersonId(core, value.text());
  if (!id.has_value()) {
    errors.push_back({resource::Child(pointer, "id"), "bad_person",
                      "the id of a person is one that the hub gave, such as per_…"});
    return std::nullopt;
  }
  if (person.fields_size() > 1) {
    errors.push_back(
        {pointer, "bad_person", "name the person by an id or by identifiers, not by both"});
    return std::nullopt;
  }
  return PersonName{.identifier = std::nullopt, .id = *id};
}

}  // namespace

std::optional<PersonName> ReadPersonMember(Core& core, ObjectReader& body,
                                           std::vector<http::ProblemError>& errors) {
  const bool is_customer = body.Any("person") == nullptr && body.Any("customer") != nullptr;
  const std::string_view name = is_customer ? "customer" : "person";
  const base::Value* person = body.Object(name, Need::kRequired);
  body.Any("customer");
  if (person == nullptr) return std::nullopt;
  const std::string pointer = body.PointerTo(name);
  const base::Value* id = base::Find(person->object(), "id");
  if (id != nullptr && !base::IsNull(*id)) return ReadId(core, person->object(), pointer, errors);
  const size_t known = errors.size();
  std::optional<PersonRef> first;
  for (const base::Field& field : person->object().fields()) {
    if (base::IsNull(field.value())) continue;
    const std::string at = resource::Child(pointer, field.name());
    const std::string text = TextOf(field.value());
    if (text.empty()) {
      errors.push_back({at, "wrong_type", "an identifier is a text that is not empty"});
      continue;
    }
    auto ref = MakePersonRef(core, TypeOfMember(field.name()), text);
    if (!ref.ok()) {
      errors.push_back({at, "bad_identifier", base::StrCat(ref.status().message())});
    } else if (!first.has_value() || identity::RoutesBefore(ref->type, first->type)) {
      first = *std::move(ref);
    }
  }
  if (!first.has_value() && errors.size() == known) {
    errors.push_back({pointer, "missing", "name the person by an identifier, such as \"userId\""});
  }
  if (!first.has_value()) return std::nullopt;
  return PersonName{.identifier = std::move(first), .id = {}};
}

}  // namespace batuta::api
