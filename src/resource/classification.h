// Which fields of events are personal and are sealed at ingest.
//
// A field is sealed if the `classification` resource says so; else, unless that resource says it is
// clear, if its name is one of the well-known personal ones, or if its value looks like an e-mail
// address, a telephone number or a payment card. Fields may also be kept for some purposes only:
// rules of other purposes must not read them. Paths are "traits.email",
// "properties.order.address", "context.ip"; a path seals everything below it. It also says which
// clear facts are derived of personal fields (derived_fact.h). Immutable; safe to share between
// threads.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.pb.h"
#include "resource/derived_fact.h"

namespace batuta::resource {

class Classification {
 public:
  Classification() = default;
  // The spec of the resource, already valid.
  static Classification Compile(const base::Fields& spec);

  enum class Verdict { kClear, kSealed, kByValue };  // kByValue: look at the value
  // `path` is the whole path, `name` its last part.
  Verdict Of(std::string_view path, std::string_view name) const;

  static bool LooksPersonal(std::string_view text);

  // The purposes that the field is kept for; null if it is for all. The innermost path counts.
  const std::vector<std::string>* PurposesOf(std::string_view path) const;
  bool RestrictsAny() const { return !purposes_.empty(); }

  // Whether the fact is derived, and kept as a field of `root` ("traits", "properties"): not where
  // it would be sealed itself.
  bool Derives(Fact fact, std::string_view root) const;

 private:
  static uint32_t Bit(Fact fact) { return uint32_t{1} << static_cast<uint32_t>(fact); }
  static uint32_t ByDefault();

  std::set<std::string, std::less<>> sealed_;
  std::set<std::string, std::less<>> clear_;
  std::map<std::string, std::vector<std::string>, std::less<>> purposes_;  // by path
  uint32_t derived_ = ByDefault();                                         // bits of facts
};

}  // namespace batuta::resource
