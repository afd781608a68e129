#include "resource/diff.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "base/value.h"

namespace batuta::resource {
namespace {

bool SameShape(const base::Value& a, const base::Value& b) {
  return (a.has_object() && b.has_object()) || (a.has_list() && b.has_list());
}

// Adds the differences of two values, or of one that is new or gone (null).
class FieldDiff {
 public:
  explicit FieldDiff(std::vector<FieldChange>& changes) : changes_(changes) {}

  void Compare(const std::string& pointer, const base::Value* from, const base::Value* to) {
    if (from != nullptr && to != nullptr && base::Equal(*from, *to)) return;
    if (from == nullptr || to == nullptr || !SameShape(*from, *to)) {
      changes_.push_back({pointer, Copy(from), Copy(to)});
      return;
    }
    if (from->has_object())
      CompareObjects(pointer, from->object(), to->object());
    else
      CompareLists(pointer, from->list(), to->list());
  }

  void CompareObjects(const std::string& pointer, const base::Fields& from,
                      const base::Fields& to) {
    for (const base::Field& field : from.fields())
      Compare(Child(pointer, field.name()), &field.value(), base::Find(to, field.name()));
    for (const base::Field& field : to.fields())
      if (base::Find(from, field.name()) == nullptr)
        Compare(Child(pointer, field.name()), nullptr, &field.value());
  }

 private:
  static std::optional<base::Value> Copy(const base::Value* value) {
    return value == nullptr ? std::nullopt : std::optional(*value);
  }

  void CompareLists(const std::string& pointer, const base::ValueList& from,
                    const base::ValueList& to) {
    const auto at = [](const base::ValueList& list, int i) {
      return i < list.values_size() ? &list.values(i) : nullptr;
    };
    for (int i = 0; i < std::max(from.values_size(), to.values_size()); ++i)
      Compare(Child(pointer, i), at(from, i), at(to, i));
  }

  std::vector<FieldChange>& changes_;
};

ResourceChange ChangeOf(const Resource& before, const Resource& after) {
  ResourceChange change{.key = after.key, .fields = {}};
  FieldDiff(change.fields).CompareObjects("/spec", before.spec, after.spec);
  std::stable_sort(
      change.fields.begin(), change.fields.end(),
      [](const FieldChange& a, const FieldChange& b) { return a.pointer < b.pointer; });
  return change;
}

std::string KeyText(const ResourceKey& key) { return base::StrCat(key.kind, " ", key.name); }

std::string FieldText(const FieldChange& field) {
  if (!field.from) return base::StrCat("+ ", field.pointer, ": ", base::ToJson(*field.to));
  if (!field.to) return base::StrCat("- ", field.pointer, ": ", base::ToJson(*field.from));
  return base::StrCat("~ ", field.pointer, ": ", base::ToJson(*field.from), " -> ",
                      base::ToJson(*field.to));
}

base::Value KeyValue(const ResourceKey& key) {
  base::Value value;
  base::SetField(*value.mutable_object(), "kind", base::TextValue(key.kind));
  base::SetField(*value.mutable_object(), "name", base::TextValue(key.name));
  return value;
}

base::Value KeyList(const std::vector<ResourceKey>& keys) {
  base::Value list;
  list.mutable_list();
  for (const ResourceKey& key : keys) *list.mutable_list()->add_values() = KeyValue(key);
  return list;
}

base::Value ChangeValue(const ResourceChange& change) {
  base::Value fields;
  fields.mutable_list();
  for (const FieldChange& field : change.fields) {
    base::Fields& object = *fields.mutable_list()->add_values()->mutable_object();
    base::SetField(object, "pointer", base::TextValue(field.pointer));
    if (field.from) base::SetField(object, "from", *field.from);
    if (field.to) base::SetField(object, "to", *field.to);
  }
  base::Value value = KeyValue(change.key);
  base::SetField(*value.mutable_object(), "fields", std::move(fields));
  return value;
}

}  // namespace

ResourceDiff Diff(const ResourceSet& current, const ResourceSet& proposed) {
  ResourceDiff diff;
  for (const auto& [key, after] : proposed.all()) {
    const Resource* before = current.Find(key.kind, key.name);
    if (before == nullptr)
      diff.added.push_back(key);
    else if (before->etag == after.etag)
      diff.unchanged.push_back(key);
    else
      diff.changed.push_back(ChangeOf(*before, after));
  }
  for (const auto& [key, before] : current.all())
    if (proposed.Find(key.kind, key.name) == nullptr) diff.removed.push_back(key);
  return diff;
}

std::string ToText(const ResourceDiff& diff) {
  std::string text;
  for (const ResourceKey& key : diff.added) base::StrAppend(&text, "+ ", KeyText(key), "\n");
  for (const ResourceChange& change : diff.changed) {
    base::StrAppend(&text, "~ ", KeyText(change.key), "\n");
    for (const FieldChange& field : change.fields)
      base::StrAppend(&text, "    ", FieldText(field), "\n");
  }
  for (const ResourceKey& key : diff.removed) base::StrAppend(&text, "- ", KeyText(key), "\n");
  base::StrAppend(&text, "+", diff.added.size(), " ~", diff.changed.size(), " -",
                  diff.removed.size(), ", ", diff.unchanged.size(), " unchanged\n");
  return text;
}

base::Value ToValue(const ResourceDiff& diff) {
  base::Value changed;
  changed.mutable_list();
  for (const ResourceChange& change : diff.changed)
    *changed.mutable_list()->add_values() = ChangeValue(change);
  base::Value value;
  base::Fields& object = *value.mutable_object();
  base::SetField(object, "added", KeyList(diff.added));
  base::SetField(object, "changed", std::move(changed));
  base::SetField(object, "removed", KeyList(diff.removed));
  base::SetField(object, "unchanged", KeyList(diff.unchanged));
  return value;
}

}  // namespace batuta::resource
