// The sample company of samples/company, for tests. Tests run in the project's folder.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "resource/yaml.h"

namespace batuta::resource {

struct SampleFile {
  std::string name;
  std::string text;
};

inline std::vector<SampleFile> ReadSampleCompany() {
  std::vector<SampleFile> files;
  for (const auto& entry : std::filesystem::directory_iterator("samples/company")) {
    std::ifstream stream(entry.path(), std::ios::binary);
    files.push_back({entry.path().filename().string(),
                     {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()}});
  }
  std::sort(files.begin(), files.end(),
            [](const SampleFile& a, const SampleFile& b) { return a.name < b.name; });
  return files;
}

// All documents of the files, with the problems of reading them.
inline ParsedDocuments ParseFiles(const std::vector<SampleFile>& files) {
  ParsedDocuments all;
  for (const SampleFile& file : files) {
    ParsedDocuments parsed = ParseDocuments(file.text, file.name, FormatOf(file.name));
    std::move(parsed.documents.begin(), parsed.documents.end(), std::back_inserter(all.documents));
    std::move(parsed.problems.begin(), parsed.problems.end(), std::back_inserter(all.problems));
  }
  return all;
}

}  // namespace batuta::resource
