// Fuzzes the reading and checking of resource documents: no input may crash, hang or be accepted
// without being right. The first byte picks the format.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "resource/check.h"
#include "resource/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace batuta::resource;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Format format = data[0] % 2 == 0 ? Format::kYaml : Format::kJson;
  ParsedDocuments parsed = ParseDocuments(text, "fuzz", format);
  Change change;
  change.documents = std::move(parsed.documents);
  if (HasError(parsed.problems) || HasError(Check({}, change))) return 0;
  const ResourceSet set = ResourceSet().After(change, {});
  const auto decoded = ResourceSet::Decode(set.Encode());
  BATUTA_CHECK(decoded.ok() && decoded->Encode() == set.Encode());
  return 0;
}
