#include "bench/report.h"

#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace batuta::bench {
namespace {

std::string ProcessorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

}  // namespace

void Latencies::Append(const Latencies& other) {
  micros_.insert(micros_.end(), other.micros_.begin(), other.micros_.end());
  sorted_ = false;
}

double Latencies::At(double share) const {
  if (micros_.empty()) return 0;
  if (!sorted_) std::sort(micros_.begin(), micros_.end());
  sorted_ = true;
  const auto index = static_cast<size_t>(share * static_cast<double>(micros_.size()));
  return static_cast<double>(micros_[std::min(index, micros_.size() - 1)]);
}

void Report::Add(std::string row, std::string name, std::string unit, std::vector<double> values,
                 std::string limit) {
  std::sort(values.begin(), values.end());
  const Figure& figure = figures_.emplace_back(Figure{.row = std::move(row),
                                                      .name = std::move(name),
                                                      .unit = std::move(unit),
                                                      .values = std::move(values),
                                                      .limit = std::move(limit),
                                                      .load = LoadAverage()});
  if (figure.values.empty()) std::abort();
  std::fprintf(stderr, "  %s, %s: %.2f %s\n", figure.row.c_str(), figure.name.c_str(),
               figure.values[figure.values.size() / 2], figure.unit.c_str());
}

void Report::Print(const std::string& command_line) const {
  utsname system{};
  uname(&system);
  std::printf("%s\n%s, %u processors, %s %s\n\n", command_line.c_str(), ProcessorName().c_str(),
              std::thread::hardware_concurrency(), system.sysname, system.release);
  std::printf("%-26s %-34s %12s %12s %12s  %-8s %3s %6s  %s\n", "row", "figure", "median", "least",
              "most", "unit", "n", "load", "wanted");
  for (const Figure& figure : figures_) {
    std::printf("%-26s %-34s %12.2f %12.2f %12.2f  %-8s %3zu %6.1f  %s\n", figure.row.c_str(),
                figure.name.c_str(), figure.values[figure.values.size() / 2], figure.values.front(),
                figure.values.back(), figure.unit.c_str(), figure.values.size(), figure.load,
                figure.limit.c_str());
  }
  for (const std::string& note : notes_) std::printf("%s\n", note.c_str());
}

double LoadAverage() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : -1;
}

}  // namespace batuta::bench
