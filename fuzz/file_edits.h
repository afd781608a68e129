// Damages the files of a folder as an input says: bits, bytes, sectors, lengths, whole files.
//
// Each edit is: which file, what, where (2 bytes), and what it needs. Total: any input says
// something.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "base/status.h"
#include "fuzz/input.h"
#include "log/sim_disk.h"

namespace batuta::fuzz {

using Files = std::map<std::string, std::string>;  // content by name

inline Files ReadFolder(base::Disk& disk, const std::string& folder) {
  const auto names = disk.List(folder);
  BATUTA_CHECK_OK(names.status());
  Files files;
  for (const std::string& name : *names) {
    auto content = base::ReadFile(disk, folder + "/" + name);
    BATUTA_CHECK_OK(content.status());
    files[name] = *std::move(content);
  }
  return files;
}

inline void WriteFolder(base::Disk& disk, const std::string& folder, const Files& files) {
  BATUTA_CHECK_OK(disk.MakeDirectory(folder));
  for (const auto& [name, content] : files) {
    auto file = disk.OpenFile(folder + "/" + name, base::Disk::Open::kCreate);
    BATUTA_CHECK_OK(file.status());
    BATUTA_CHECK_OK((*file)->Write(0, content));
  }
}

inline void EditOne(Files& files, Input& input) {
  constexpr size_t kSector = 512;
  auto file = std::next(files.begin(), static_cast<long>(input.U8() % files.size()));
  std::string& content = file->second;
  const unsigned what = input.U8() % 8;
  const size_t at = content.empty() ? 0 : input.U16() % content.size();
  const size_t sector = at / kSector * kSector;
  switch (what) {
    case 0:
    case 1:
      if (!content.empty()) content[at] = static_cast<char>(content[at] ^ (1 << input.U8() % 8));
      break;
    case 2: {
      const std::string_view bytes = input.Take(input.U8() % 32);
      content.replace(at, bytes.size(), bytes);
      break;
    }
    case 3:
      content.resize(at);
      break;
    case 4:
      content.replace(sector, std::min(kSector, content.size() - sector), kSector, '\0');
      break;
    case 5: {
      const auto from = std::next(files.begin(), static_cast<long>(input.U8() % files.size()));
      const size_t place = size_t{input.U8()} * kSector;
      if (place >= from->second.size()) break;
      const std::string copy = from->second.substr(place, kSector);
      content.replace(sector, std::min(copy.size(), content.size() - sector), copy);
      break;
    }
    case 6: {
      const auto from = std::next(files.begin(), static_cast<long>(input.U8() % files.size()));
      content = std::string(from->second);
      break;
    }
    default:
      if (files.size() > 1) files.erase(file);
  }
}

inline void Edit(Files& files, Input& input) {
  constexpr int kMaxEdits = 16;
  for (int i = 0; i < kMaxEdits && !input.AtEnd(); ++i) EditOne(files, input);
}

}  // namespace batuta::fuzz
