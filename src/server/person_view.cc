#include "server/person_view.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "base/value.h"

namespace batuta::server {
namespace {

// The members of an object as rows, with their names under "name".
std::vector<base::Value> Named(const base::Value& object) {
  std::vector<base::Value> rows;
  for (const base::Field& field : object.object().fields()) {
    base::Value row = field.value();
    base::SetField(*row.mutable_object(), "name", base::TextValue(field.name()));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<base::Value> Listed(const base::Value& list) {
  return {list.list().values().begin(), list.list().values().end()};
}

// A row for each slot, with the decision's id, time and placement.
std::vector<base::Value> SlotsOf(const base::Value& decisions) {
  std::vector<base::Value> rows;
  for (const base::Value& decision : decisions.list().values()) {
    const base::Value* slots = base::Find(decision.object(), "slots");
    if (slots == nullptr) continue;
    for (base::Value row : slots->list().values()) {
      for (const char* name : {"id", "placement", "time"}) {
        const base::Value* value = base::Find(decision.object(), name);
        if (value != nullptr) base::SetField(*row.mutable_object(), name, *value);
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

struct Section {
  const char* member;
  const char* title;
  std::vector<base::Value> (*rows)(const base::Value&);
  std::vector<Column> columns;
};

const std::vector<Section>& Sections() {
  static const auto* const kSections = new std::vector<Section>{
      {"identifiers",
       "Identifiers",
       Listed,
       {{"type", "type"},
        {"value", "value"},
        {"status", "status"},
        {"source", "first.source"},
        {"first seen", "firstSeen"},
        {"last seen", "lastSeen"}}},
      {"traits",
       "Traits",
       Named,
       {{"trait", "name"},
        {"value", "value"},
        {"source", "source"},
        {"time", "time"},
        {"rule", "rule"}}},
      {"counters",
       "Events",
       Named,
       {{"event", "name"}, {"count", "count"}, {"first", "first"}, {"last", "last"}}},
      {"features", "Features", Named, {{"feature", "name"}, {"value", "value"}, {"unit", "unit"}}},
      {"consents",
       "Consents",
       Listed,
       {{"purpose", "purpose"},
        {"channel", "channel"},
        {"status", "status"},
        {"of", "of"},
        {"source", "source"},
        {"time", "time"}}},
      {"preferences",
       "Preferences",
       Listed,
       {{"kind", "kind"},
        {"name", "name"},
        {"value", "value"},
        {"source", "source"},
        {"time", "time"}}},
      {"groups",
       "Groups",
       Listed,
       {{"group", "id"}, {"role", "role"}, {"joined", "joined"}, {"traits", "traits"}}},
      {"segments",
       "Segments",
       Listed,
       {{"segment", "name"}, {"since", "since"}, {"cause", "cause"}}},
      {"openDecisions",
       "Decisions",
       SlotsOf,
       {{"decision", "id"},
        {"placement", "placement"},
        {"slot", "slot"},
        {"action", "action"},
        {"stage", "stage"},
        {"time", "time"},
        {"ended", "endedAt"}}},
      {"mergedFrom",
       "Merged from",
       Listed,
       {{"person", "id"}, {"via", "via"}, {"time", "logTime"}}}};
  return *kSections;
}

// Takes the first of the members that the entry has.
void Fill(base::Fields& entry, const char* name, std::initializer_list<const char*> members) {
  if (base::Find(entry, name) != nullptr) return;
  for (const char* member : members) {
    const base::Value* value = base::Find(entry, member);
    if (value == nullptr) continue;
    const base::Value copy = *value;
    return base::SetField(entry, name, copy);
  }
}

// "entered gold, quiet; left basic", of an entry about segments.
void FillSegments(base::Fields& entry) {
  std::string details;
  for (const char* member : {"entered", "left"}) {
    const base::Value* names = base::Find(entry, member);
    if (names == nullptr) continue;
    base::StrAppend(&details, details.empty() ? "" : "; ", member, " ", CellText(names));
  }
  if (!details.empty()) base::SetField(entry, "details", base::TextValue(details));
}

}  // namespace

void PrintPerson(const Output& output, const base::Value& person) {
  if (output.format() != Output::Format::kTable) return output.Object(person);
  const base::Fields& fields = person.object();
  const auto text = [&fields](const char* name) { return CellText(base::Find(fields, name)); };
  output.Text(base::StrCat(text("id"), "  seen ", text("firstSeen"), " to ", text("lastSeen"), "  ",
                           text("timelineCount"), " in the timeline\n"));
  if (text("settled") == "false") output.Text("Links to other people are being settled.\n");
  for (const Section& section : Sections()) {
    const base::Value* member = base::Find(fields, section.member);
    if (member == nullptr) continue;
    const std::vector<base::Value> rows = section.rows(*member);
    if (rows.empty()) continue;
    output.Text(base::StrCat("\n", section.title, "\n"));
    output.Rows(section.columns, rows);
  }
}

void PrintTimeline(const Output& output, std::vector<base::Value> entries) {
  const Output::Format format = output.format();
  if (format == Output::Format::kTable || format == Output::Format::kCsv) {
    for (base::Value& entry : entries) {
      base::Fields& fields = *entry.mutable_object();
      Fill(fields, "name", {"placement", "outcome", "groupId"});
      FillSegments(fields);
      Fill(fields, "details",
           {"properties", "summary", "traits", "decisionId", "people"});
    }
  }
  output.Rows({{"time", "time"},
               {"kind", "kind"},
               {"name", "name"},
               {"source", "source"},
               {"details", "details"}},
              entries);
}

}  // namespace batuta::server
