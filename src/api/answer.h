// Pieces of answers that several routes share. Internal to this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/value.pb.h"
#include "decision/decision.pb.h"
#include "decision/explain.h"
#include "decision/open_decision.pb.h"
#include "engine/definitions.h"
#include "http/message.h"

namespace batuta::api {

// The calls of the tracking API, by the number of their type in records; "" is none.
inline constexpr std::string_view kCallTypes[] = {"",       "identify", "track", "page",
                                                  "screen", "group",    "alias"};

// An object being made, member by member; names must be new.
class ObjectBuilder {
 public:
  ObjectBuilder& Add(std::string_view name, base::Value value);
  ObjectBuilder& Add(std::string_view name, std::string_view text);
  ObjectBuilder& Add(std::string_view name, const std::string& text) {
    return Add(name, std::string_view(text));
  }
  ObjectBuilder& Add(std::string_view name, const char* text) {
    return Add(name, std::string_view(text));
  }
  ObjectBuilder& Add(std::string_view name, double number);
  ObjectBuilder& Add(std::string_view name, bool value);
  ObjectBuilder& AddCount(std::string_view name, uint64_t number);
  ObjectBuilder& AddTime(std::string_view name, int64_t micros);
  ObjectBuilder& AddObject(std::string_view name, base::Fields fields);
  base::Value Take();

 private:
  base::Value value_;
};

class ListBuilder {
 public:
  ListBuilder() { value_.mutable_list(); }
  void Add(base::Value value) { *value_.mutable_list()->add_values() = std::move(value); }
  base::Value Take() { return std::move(value_); }

 private:
  base::Value value_;
};

// The choices of one decision, as far as their lives have come.
using Lives = google::protobuf::RepeatedPtrField<decision::OpenSlot>;

enum class Explanation { kNone, kSummary, kFull };

struct DecisionAnswer {
  Explanation explanation = Explanation::kNone;
  decision::Language language = decision::Language::kEnglish;
  // Of the decision's version, for titles and contents; may be null.
  const engine::Definitions* definitions = nullptr;
  // What has come of it; null if nothing can any more, or the question is not asked.
  const Lives* life = nullptr;
};

// What has become of each choice: [{slot, action, stage, …}]. Without what was withheld.
base::Value LifeValue(const Lives& slots);

// {id, personId, placement, identity, time, actions: […], holdout?, dryRun?, life?, explanation?}.
base::Value DecisionValue(const decision::Decision& decision, const DecisionAnswer& options);

// ?lang=es, else the first of en and es that Accept-Language names, else English.
decision::Language LanguageOf(const http::RequestHead& head);

}  // namespace batuta::api
