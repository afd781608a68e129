#include "resource/set.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <set>
#include <utility>

#include "base/status.h"
#include "base/text.h"
#include "resource/canonical.h"
#include "resource/resource.pb.h"

namespace batuta::resource {
namespace {

ResourceRecord RecordOf(const Resource& resource) {
  ResourceRecord record;
  record.set_kind(resource.key.kind);
  record.set_name(resource.key.name);
  record.set_version(resource.version);
  record.set_author(resource.author);
  record.set_time_micros(resource.time.micros);
  record.set_etag(resource.etag);
  *record.mutable_spec() = resource.spec;
  return record;
}

Resource ResourceOf(const ResourceRecord& record) {
  return {.key = {record.kind(), record.name()},
          .version = record.version(),
          .author = record.author(),
          .time = {record.time_micros()},
          .etag = record.etag(),
          .spec = record.spec()};
}

absl::Status Broken(std::string_view what) {
  return absl::DataLossError(base::StrCat("the bytes are not a set of resources: ", what));
}

}  // namespace

const Resource* ResourceSet::Find(std::string_view kind, std::string_view name) const {
  const auto found = resources_.find({std::string(kind), std::string(name)});
  return found == resources_.end() ? nullptr : &found->second;
}

uint64_t ResourceSet::LastVersion(std::string_view kind, std::string_view name) const {
  if (const Resource* resource = Find(kind, name)) return resource->version;
  const auto removed = removed_.find({std::string(kind), std::string(name)});
  return removed == removed_.end() ? 0 : removed->second;
}

std::vector<const Resource*> ResourceSet::OfKind(std::string_view kind) const {
  std::vector<const Resource*> found;
  for (auto at = resources_.lower_bound({std::string(kind), ""});
       at != resources_.end() && at->first.kind == kind; ++at)
    found.push_back(&at->second);
  return found;
}

void ResourceSet::Put(const Document& document, const Authorship& by) {
  const ResourceKey key = KeyOf(document);
  const std::string etag = Etag(document.spec);
  const auto found = resources_.find(key);
  if (found != resources_.end() && found->second.etag == etag) return;
  const auto removed = removed_.find(key);
  uint64_t last_version = 0;
  if (found != resources_.end()) last_version = found->second.version;
  if (removed != removed_.end()) last_version = removed->second;
  removed_.erase(key);
  resources_[key] = {.key = key,
                     .version = last_version + 1,
                     .author = by.author,
                     .time = by.time,
                     .etag = etag,
                     .spec = Canonical(document.spec)};
}

void ResourceSet::Remove(const ResourceKey& key) {
  const auto found = resources_.find(key);
  if (found == resources_.end()) return;
  removed_[key] = found->second.version;
  resources_.erase(found);
}

ResourceSet ResourceSet::After(const Change& change, const Authorship& by) const {
  ResourceSet next = *this;
  // The last document of a name counts, without the version of those before it.
  std::map<ResourceKey, const Document*> stated;
  for (const Document& document : change.documents) stated[KeyOf(document)] = &document;
  for (const ResourceKey& key : change.removals)
    if (!stated.contains(key)) next.Remove(key);
  if (change.remove_unstated)
    for (const auto& [key, resource] : resources_)
      if (!stated.contains(key)) next.Remove(key);
  for (const auto& [key, document] : stated) next.Put(*document, by);
  // Every change of a resource changes its version or removes it.
  bool same = next.resources_.size() == resources_.size();
  for (const auto& [key, resource] : next.resources_) {
    const Resource* before = Find(key.kind, key.name);
    same = same && before != nullptr && before->version == resource.version;
  }
  if (!same) ++next.version_;
  return next;
}

std::string ResourceSet::Encode() const {
  ResourceSetRecord record;
  record.set_version(version_);
  for (const auto& [key, resource] : resources_) *record.add_resources() = RecordOf(resource);
  for (const auto& [key, version] : removed_) {
    RemovedRecord& removed = *record.add_removed();
    removed.set_kind(key.kind);
    removed.set_name(key.name);
    removed.set_version(version);
  }
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    BATUTA_CHECK(record.SerializeToCodedStream(&coded));
  }
  return bytes;
}

absl::StatusOr<ResourceSet> ResourceSet::Decode(std::string_view bytes) {
  ResourceSetRecord record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return Broken("they cannot be parsed");
  ResourceSet set;
  set.version_ = record.version();
  for (const ResourceRecord& each : record.resources()) {
    Resource resource = ResourceOf(each);
    const ResourceKey key = resource.key;
    if (resource.etag != Etag(resource.spec))
      return Broken(
          base::StrCat("the tag of ", key.kind, " ", key.name, " is not that of its spec"));
    if (!set.resources_.emplace(key, std::move(resource)).second)
      return Broken(base::StrCat(key.kind, " ", key.name, " stands twice"));
  }
  for (const RemovedRecord& each : record.removed())
    set.removed_[{each.kind(), each.name()}] = each.version();
  return set;
}

}  // namespace batuta::resource
