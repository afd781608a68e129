#include "connect/event_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/status.h"
#include "base/text.h"
#include "base/value.h"
#include "connect/facts.h"
#include "identity/normalise.h"
#include "identity/refs.h"
#include "identity/routing.h"
#include "profile/apply.h"
#include "profile/consent.h"
#include "profile/preference.h"

namespace batuta::connect {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

// Events may lie this far ahead of the server's clock; beyond it the time is an error of the
// source.
constexpr base::Duration kFarFuture = base::Days(366);
constexpr base::Time kEarliest{-2'208'988'800'000'000};  // 1900-01-01

struct TypeName {
  std::string_view name;
  profile::EventType type;
};
constexpr TypeName kTypes[] = {
    {"identify", profile::EventType::kIdentify}, {"track", profile::EventType::kTrack},
    {"page", profile::EventType::kPage},         {"screen", profile::EventType::kScreen},
    {"group", profile::EventType::kGroup},       {"alias", profile::EventType::kAlias}};

profile::EventType TypeOf(std::string_view name) {
  for (const TypeName& type : kTypes) {
    if (type.name == name) return type.type;
  }
  return {};
}

// A scalar identifier as text: sources also send numbers.
bool ScalarText(const element& value, std::string& text) {
  switch (value.type()) {
    case element_type::STRING:
      text = std::string(value.get_string().value_unsafe());
      return true;
    case element_type::INT64:
      text = absl::StrCat(value.get_int64().value_unsafe());
      return true;
    case element_type::UINT64:
      text = absl::StrCat(value.get_uint64().value_unsafe());
      return true;
    default:
      return false;
  }
}

bool HasDuplicateName(const object& fields) {
  std::vector<std::string_view> names;
  names.reserve(fields.size());
  for (const auto field : fields) names.push_back(field.key);
  if (names.size() > 8) {
    std::sort(names.begin(), names.end());
    return std::adjacent_find(names.begin(), names.end()) != names.end();
  }
  for (size_t i = 0; i < names.size(); ++i) {
    for (size_t j = i + 1; j < names.size(); ++j) {
      if (names[i] == names[j]) return true;
    }
  }
  return false;
}

object ObjectAt(const object& call, const char* name, bool& found) {
  const auto child = call.at_key(name);
  object result;
  found = child.error() == simdjson::SUCCESS && child.get(result) == simdjson::SUCCESS;
  return result;
}

// The type of the address that a consent of this channel is about.
std::string_view AddressType(std::string_view channel) {
  return channel == "email" ? "email" : channel == "push" ? "device_id" : "phone";
}

}  // namespace

absl::Status EventBuilder::Refuse(std::string_view code, std::string_view pointer,
                                  std::string_view detail) {
  refusal_ = {std::string(code), std::string(pointer), std::string(detail)};
  return absl::InvalidArgumentError(refusal_.detail);
}

absl::StatusOr<std::string> EventBuilder::Text(const object& call, const char* name,
                                               size_t bytes_max) {
  const auto child = call.at_key(name);
  if (child.error() != simdjson::SUCCESS || child.value_unsafe().is_null()) return std::string();
  std::string text;
  if (!ScalarText(child.value_unsafe(), text)) {
    return Refuse("wrong_type", absl::StrCat("/", name),
                  absl::StrCat("\"", name, "\" must be a text"));
  }
  if (text.size() > bytes_max) {
    return Refuse("too_long", absl::StrCat("/", name),
                  absl::StrCat("\"", name, "\" has ", text.size(), " bytes; at most ", bytes_max,
                               " are taken"));
  }
  hash_ = base::Hash64(text, hash_ + 1);
  return text;
}

absl::StatusOr<engine::Event> EventBuilder::Build(const element& call, std::string_view type,
                                                  const base::RecordId& id) {
  hash_ = context_.hash_seed;
  object fields;
  if (call.get(fields) != simdjson::SUCCESS) {
    return Refuse("not_an_object", "", "an event must be a JSON object");
  }
  if (HasDuplicateName(fields)) {
    return Refuse("duplicate_field", "", "a field stands twice in the event");
  }
  if (const absl::Status head = ReadHead(fields, type, id); !head.ok()) return head;
  engine::Event event;
  event.set_type(static_cast<uint32_t>(TypeOf(type_)));
  event.set_name(name_);
  event.set_source(std::string(context_.source));
  event.set_message_id(message_id_);
  event.set_import(context_.import);
  if (const absl::Status time = ReadTime(fields); !time.ok()) return time;
  event.set_event_time(event_time_.micros);
  if (const absl::Status who = ReadIdentifiers(fields, event); !who.ok()) return who;
  if (const absl::Status group = ReadGroup(fields, event); !group.ok()) return group;
  if (const absl::Status rest = ReadFields(fields, event); !rest.ok()) return rest;
  if (const absl::Status said = ReadStatements(fields, event); !said.ok()) return said;
  event.set_payload_hash(hash_);
  return event;
}

absl::Status EventBuilder::ReadHead(const object& call, std::string_view type,
                                    const base::RecordId& id) {
  auto message_id = Text(call, "messageId", kMaxNameBytes);
  if (!message_id.ok()) return message_id.status();
  hash_ = context_.hash_seed;  // the id itself is no part of what it names
  message_id_ = message_id->empty() ? base::EncodeBase32(id.ToBytes()) : *std::move(message_id);
  auto stated = Text(call, "type", kMaxNameBytes);
  if (!stated.ok()) return stated.status();
  type_ = type.empty() ? *std::move(stated) : std::string(type);
  if (type_.empty()) return Refuse("missing_type", "/type", "an event of a batch needs a \"type\"");
  if (TypeOf(type_) == profile::EventType{}) {
    return Refuse("unknown_type", "/type",
                  absl::StrCat("\"", type_.substr(0, 40),
                               "\" is no type of event; there are "
                               "identify, track, page, screen, group and alias"));
  }
  auto name = Text(call, type_ == "track" ? "event" : "name", kMaxNameBytes);
  if (!name.ok()) return name.status();
  name_ = *std::move(name);
  if (type_ == "track" && name_.empty()) {
    return Refuse("missing_event", "/event", "a track call needs the name of its \"event\"");
  }
  return absl::OkStatus();
}

// A client's clock may be wrong: the difference between its sentAt and our receiving is its error.
absl::Status EventBuilder::ReadTime(const object& call) {
  base::Time sent_at = context_.sent_at;
  event_time_ = context_.received_at;
  const char* stated_in = "timestamp";
  // RudderStack's libraries say when it happened in originalTimestamp; a timestamp beside it is the
  // sender's own word.
  for (const char* name : {"sentAt", "originalTimestamp", "timestamp"}) {
    const uint64_t before = hash_;
    auto text = Text(call, name, 64);
    if (!text.ok()) return text.status();
    const bool is_sent_at = std::string_view(name) == "sentAt";
    if (is_sent_at) hash_ = before;  // differs when a client tries again
    if (text->empty()) continue;
    const auto time = base::ParseTime(*text);
    if (!time.ok()) {
      return Refuse("bad_time", absl::StrCat("/", name),
                    absl::StrCat("\"", name, "\" is ", time.status().message()));
    }
    (is_sent_at ? sent_at : event_time_) = *time;
    if (!is_sent_at) stated_in = name;
  }
  const bool has_time = event_time_ != context_.received_at;
  if (has_time && sent_at != base::kDistantPast && !context_.import) {
    event_time_ = event_time_ + (context_.received_at - sent_at);
  }
  if (event_time_ < kEarliest || event_time_ > context_.received_at + kFarFuture) {
    return Refuse("time_out_of_range", absl::StrCat("/", stated_in),
                  absl::StrCat(base::FormatRfc3339(event_time_),
                               " lies before 1900 or more than a year ahead"));
  }
  return absl::OkStatus();
}

absl::Status EventBuilder::AddIdentifier(std::string_view type, std::string_view value,
                                         identity::EventIdentifiers& identifiers) {
  if (identifiers.identifiers_size() >= static_cast<int>(kMaxIdentifiers)) {
    return Refuse("too_many_identifiers", "/context/externalIds",
                  absl::StrCat("an event may carry ", kMaxIdentifiers, " identifiers"));
  }
  const identity::Normalised normal = identity::Normalise(context_.identity, type, value);
  if (normal.value.empty()) return absl::OkStatus();
  identity::EventIdentifier& added = *identifiers.add_identifiers();
  added.set_type(std::string(type));
  const base::IdentifierHash hash = context_.vault.HashIdentifier(type, normal.value);
  *added.mutable_hash() = identity::ToRef(hash);
  added.set_blocked(!normal.blocked.empty());
  // Sealed once the owner of the event's seals is known; until then in clear, in memory only.
  added.mutable_value()->set_box(normal.value);
  return absl::OkStatus();
}

// Libraries in servers do not say whether the previous id was a stranger's or a user's, and whoever
// has it may be heard of later than the alias: so it is both, unless the call itself tells. The one
// that nobody ever has costs the person an entry and joins nobody.
absl::Status EventBuilder::AddPrevious(const object& call, std::string_view user,
                                       identity::EventIdentifiers& identifiers) {
  auto previous = Text(call, "previousId", kMaxNameBytes);
  if (!previous.ok()) return previous.status();
  if (previous->empty() || user.empty()) {
    return Refuse("missing_identifier", previous->empty() ? "/previousId" : "/userId",
                  "an alias needs a \"userId\" and the \"previousId\" that is the same person");
  }
  auto anonymous = Text(call, "anonymousId", kMaxNameBytes);
  const bool was_anonymous = anonymous.ok() && *anonymous == *previous;
  for (const std::string_view type : {"anonymous_id", "user_id"}) {
    if (was_anonymous && type == "user_id") continue;
    if (auto added = AddIdentifier(type, *previous, identifiers); !added.ok()) return added;
  }
  identifiers.set_asserted(true);
  return absl::OkStatus();
}

absl::Status EventBuilder::ReadExternalIds(const object& call,
                                           identity::EventIdentifiers& identifiers) {
  bool found = false;
  const object context = ObjectAt(call, "context", found);
  if (!found) return absl::OkStatus();
  const object device = ObjectAt(context, "device", found);
  std::string text;
  if (found) {
    const auto id = device.at_key("id");
    if (id.error() == simdjson::SUCCESS && ScalarText(id.value_unsafe(), text)) {
      if (auto added = AddIdentifier("device_id", text, identifiers); !added.ok()) return added;
    }
  }
  simdjson::dom::array list;
  if (context.at_key("externalIds").get(list) != simdjson::SUCCESS) return absl::OkStatus();
  for (const element item : list) {
    std::string_view type;
    const auto id = item["id"];
    const bool valid = item["type"].get(type) == simdjson::SUCCESS && !type.empty() &&
                       type.size() <= 32 && id.error() == simdjson::SUCCESS &&
                       ScalarText(id.value_unsafe(), text);
    if (!valid) {
      return Refuse("bad_external_id", "/context/externalIds",
                    "an external id needs a \"type\" of at most 32 characters and an \"id\"");
    }
    if (auto added = AddIdentifier(type, text, identifiers); !added.ok()) return added;
  }
  return absl::OkStatus();
}

absl::Status EventBuilder::ReadIdentifiers(const object& call, engine::Event& event) {
  identity::EventIdentifiers& all = *event.mutable_identifiers();
  std::string user;
  for (const auto& [name, type] :
       {std::pair("userId", "user_id"), std::pair("anonymousId", "anonymous_id")}) {
    auto text = Text(call, name, kMaxNameBytes);
    if (!text.ok()) return text.status();
    if (text->empty()) continue;
    if (auto added = AddIdentifier(type, *text, all); !added.ok()) return added;
    if (user.empty() && std::string_view(type) == "user_id") user = *text;
  }
  if (type_ == "alias") {
    if (auto added = AddPrevious(call, user, all); !added.ok()) return added;
  }
  if (auto external = ReadExternalIds(call, all); !external.ok()) return external;
  if (type_ != "group") {
    for (const bool in_context : {false, true}) {
      bool found = false;
      const object parent = in_context ? ObjectAt(call, "context", found) : call;
      const object traits = in_context && !found ? object() : ObjectAt(parent, "traits", found);
      if (!found) continue;
      for (const char* name : {"email", "phone"}) {
        std::string text;
        const auto value = traits.at_key(name);
        if (value.error() != simdjson::SUCCESS || !ScalarText(value.value_unsafe(), text)) continue;
        if (auto added = AddIdentifier(name, text, all); !added.ok()) return added;
      }
    }
  }
  identity::SortForRouting(all);
  if (all.identifiers_size() == 0) {
    return Refuse("missing_identifier", "",
                  "an event needs a \"userId\", an \"anonymousId\" or another identifier");
  }
  if (!identity::ChooseAnchor(all)) {
    return Refuse("blocked_identifier", "",
                  "all identifiers of the event are blocked: they name nobody");
  }
  owner_ = identity::FromRef(all.identifiers(0).hash());
  for (identity::EventIdentifier& one : *all.mutable_identifiers()) {
    auto sealed = context_.vault.Seal(identity::FromRef(one.hash()), one.value().box(), one.type());
    if (!sealed.ok()) return sealed.status();
    *one.mutable_value() = *std::move(sealed);
  }
  return absl::OkStatus();
}

absl::Status EventBuilder::ReadGroup(const object& call, engine::Event& event) {
  if (type_ != "group") return absl::OkStatus();
  auto id = Text(call, "groupId", kMaxNameBytes);
  if (!id.ok()) return id.status();
  if (id->empty()) return Refuse("missing_group", "/groupId", "a group call needs a \"groupId\"");
  engine::GroupFact& group = *event.mutable_group();
  group.set_group(context_.vault.HashIdentifier("group", *id).ToBytes());
  group.set_id(*id);
  bool found = false;
  const object traits = ObjectAt(call, "traits", found);
  std::string_view role;
  if (found && traits.at_key("role").get(role) == simdjson::SUCCESS)
    group.set_role(std::string(role));
  bool left = false;
  if (found && traits.at_key("left").get(left) == simdjson::SUCCESS) group.set_left(left);
  return absl::OkStatus();
}

// Facts have no part in the payload's hash: they follow from what has, and from the definitions.
absl::Status EventBuilder::ReadFields(const object& call, engine::Event& event) {
  for (const char* name : {"traits", "properties", "context"}) {
    const auto child = call.at_key(name);
    if (child.error() != simdjson::SUCCESS || child.value_unsafe().is_null()) continue;
    object fields;
    if (child.get(fields) != simdjson::SUCCESS) {
      return Refuse("wrong_type", absl::StrCat("/", name),
                    absl::StrCat("\"", name, "\" must be an object"));
    }
    const uint64_t before = hash_;
    path_ = name;
    writer_.Clear();
    if (auto done = Convert(fields, 0, writer_); !done.ok()) return done;
    const FactSettings settings{context_.classification, context_.identity, context_.received_at};
    if (std::string_view(name) == "traits") {
      BATUTA_CHECK(event.mutable_traits()->ParseFromString(writer_.bytes()));
      event.mutable_traits()->MergeFrom(FactsOf(fields, name, settings));
    } else if (std::string_view(name) == "properties") {
      event.set_properties(writer_.bytes());
      FactsOf(fields, name, settings).AppendToString(event.mutable_properties());
    } else {
      hash_ = before;  // libraries change it when they try again
      event.set_context(writer_.bytes());
      // The traits of a call about a group are the group's.
      if (type_ == "group") continue;
      const base::Fields facts = FactsOfContext(fields, event.traits(), settings);
      if (facts.fields_size() > 0) event.mutable_traits()->MergeFrom(facts);
    }
  }
  return absl::OkStatus();
}

absl::Status EventBuilder::Convert(const object& fields, int depth, base::FieldsWriter& writer) {
  if (depth > kMaxDepth) {
    return Refuse("too_deep", absl::StrCat("/", path_),
                  absl::StrCat("objects may be nested ", kMaxDepth, " deep"));
  }
  if (fields.size() > kMaxFields) {
    return Refuse("too_many_fields", absl::StrCat("/", path_),
                  absl::StrCat("an object may have ", kMaxFields, " fields"));
  }
  if (HasDuplicateName(fields)) {
    return Refuse("duplicate_field", absl::StrCat("/", path_), "a field stands twice in an object");
  }
  for (const auto field : fields) {
    if (field.key.empty() || field.key.size() > kMaxNameBytes) {
      return Refuse("bad_field_name", absl::StrCat("/", path_),
                    absl::StrCat("the name of a field has 1 to ", kMaxNameBytes, " bytes"));
    }
    hash_ = base::Hash64(field.key, hash_);
    const size_t parent = path_.size();
    path_.push_back('.');
    path_.append(field.key);
    const base::FieldsWriter::OpenField open = writer.BeginField(field.key);
    if (auto done = ConvertValue(field.value, field.key, depth, writer); !done.ok()) return done;
    writer.EndField(open);
    path_.resize(parent);
  }
  return absl::OkStatus();
}

absl::Status EventBuilder::ConvertValue(const element& value, std::string_view name, int depth,
                                        base::FieldsWriter& writer) {
  using Verdict = resource::Classification::Verdict;
  const Verdict verdict = sealing_ ? context_.classification.Of(path_, name) : Verdict::kClear;
  if (verdict == Verdict::kSealed && !value.is_null()) return Seal(value, writer);
  switch (value.type()) {
    case element_type::STRING: {
      const std::string_view text = value.get_string().value_unsafe();
      hash_ = base::Hash64(text, hash_);
      if (verdict == Verdict::kByValue && resource::Classification::LooksPersonal(text)) {
        return Seal(value, writer);
      }
      writer.Text(text);
      break;
    }
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE: {
      const double number = value.get_double().value_unsafe();
      hash_ = base::Hash64({reinterpret_cast<const char*>(&number), sizeof number}, hash_);
      writer.Number(number == 0 ? 0 : number);
      break;
    }
    case element_type::BOOL: {
      const bool boolean = value.get_bool().value_unsafe();
      hash_ += boolean ? uint64_t{3} : uint64_t{2};
      writer.Boolean(boolean);
      break;
    }
    case element_type::NULL_VALUE:
      writer.Null();
      break;
    case element_type::OBJECT: {
      const base::FieldsWriter::Mark mark = writer.BeginObject();
      const absl::Status done = Convert(value.get_object().value_unsafe(), depth + 1, writer);
      if (!done.ok()) return done;
      writer.EndObject(mark);
      break;
    }
    case element_type::ARRAY:
      return ConvertList(value.get_array().value_unsafe(), name, depth, writer);
  }
  return absl::OkStatus();
}

absl::Status EventBuilder::ConvertList(const simdjson::dom::array& list, std::string_view name,
                                       int depth, base::FieldsWriter& writer) {
  if (depth >= kMaxDepth) {
    return Refuse("too_deep", absl::StrCat("/", path_),
                  absl::StrCat("lists may be nested ", kMaxDepth, " deep"));
  }
  const base::FieldsWriter::Mark mark = writer.BeginList();
  for (const element item : list) {
    const base::FieldsWriter::Mark begin = writer.BeginItem();
    if (auto done = ConvertValue(item, name, depth + 1, writer); !done.ok()) return done;
    writer.EndItem(begin);
  }
  writer.EndList(mark);
  return absl::OkStatus();
}

// What is sealed is the value's JSON, so that it comes back as what it was. Equality is of the
// canonical value.
absl::Status EventBuilder::Seal(const element& value, base::FieldsWriter& writer) {
  base::FieldsWriter in_clear;
  const bool was_sealing = std::exchange(sealing_, false);
  const absl::Status done = ConvertValue(value, "", 0, in_clear);
  sealing_ = was_sealing;
  if (!done.ok()) return done;
  base::Value plain;
  BATUTA_CHECK(plain.ParseFromString(in_clear.bytes()));
  auto sealed = context_.vault.Seal(owner_, base::ToJson(plain), path_);
  if (!sealed.ok()) return sealed.status();
  sealed->set_equality(context_.vault.HashValue(base::CanonicalBytes(plain)).ToBytes());
  writer.Put(*sealed);
  return absl::OkStatus();
}

absl::Status EventBuilder::ConvertInClear(const object& object, base::Fields& fields) {
  base::FieldsWriter writer;
  const bool was_sealing = std::exchange(sealing_, false);
  const uint64_t before = hash_;
  const absl::Status done = Convert(object, 0, writer);
  sealing_ = was_sealing;
  hash_ = before;
  if (done.ok()) BATUTA_CHECK(fields.ParseFromString(writer.bytes()));
  return done;
}

// Consents and preferences are read from clear fields, before anything is sealed.
absl::Status EventBuilder::ReadStatements(const object& call, engine::Event& event) {
  bool has_properties = false;
  bool has_traits = false;
  bool has_context = false;
  const object properties = ObjectAt(call, "properties", has_properties);
  const object traits = ObjectAt(call, "traits", has_traits);
  const object context = ObjectAt(call, "context", has_context);
  const bool from_event = name_ == profile::kConsentChanged || name_ == profile::kPreferenceChanged;
  const bool from_traits = has_traits && type_ != "group" &&
                           (traits.at_key("consents").error() == simdjson::SUCCESS ||
                            traits.at_key("preferences").error() == simdjson::SUCCESS);
  const bool from_context = has_context && context.at_key("consent").error() == simdjson::SUCCESS;
  if (!from_event && !from_traits && !from_context) return absl::OkStatus();
  base::Fields plain[3];
  absl::Status done;
  if (from_event && has_properties) done.Update(ConvertInClear(properties, plain[0]));
  if (from_traits) done.Update(ConvertInClear(traits, plain[1]));
  if (from_context) done.Update(ConvertInClear(context, plain[2]));
  if (!done.ok()) return done;
  const profile::ParsedConsents consents = profile::ParseConsents(
      {.event_name = name_, .properties = &plain[0], .traits = &plain[1], .context = &plain[2]});
  const profile::ParsedPreferences preferences = profile::ParsePreferences(
      {.event_name = name_, .properties = &plain[0], .traits = &plain[1]});
  for (const auto* problems : {&consents.problems, &preferences.problems}) {
    if (!problems->empty()) return Refuse("bad_statement", "/properties", problems->front());
  }
  for (const profile::ConsentStatement& statement : consents.statements) {
    engine::ConsentFact& fact = *event.add_consents();
    fact.set_purpose(statement.purpose);
    fact.set_channel(statement.channel);
    fact.set_status(statement.status);
    fact.set_text_version(statement.text_version);
    if (statement.address == nullptr || statement.address->text().empty()) continue;
    const std::string_view type = AddressType(statement.channel);
    const auto normal = identity::Normalise(context_.identity, type, statement.address->text());
    fact.set_address(context_.vault.HashIdentifier(type, normal.value).ToBytes());
  }
  for (const profile::PreferenceStatement& statement : preferences.statements) {
    engine::PreferenceFact& fact = *event.add_preferences();
    fact.set_kind(statement.kind);
    fact.set_name(statement.name);
    *fact.mutable_value() = statement.value;
    fact.set_soft(statement.soft);
  }
  return absl::OkStatus();
}

}  // namespace batuta::connect
