// What a run measured, as one table, with the machine, its load, and the disk's own latency beside
// it.
//
// Figures of a busy machine say little by themselves, so each carries the load average at its end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace batuta::bench {

// Durations in microseconds, kept whole; small enough runs make that cheap. Not thread-safe.
class Latencies {
 public:
  void Add(int64_t micros) { micros_.push_back(micros); }
  void Append(const Latencies& other);
  // The value at a share (0.99) of the sorted ones; 0 if there are none.
  double At(double share) const;
  size_t count() const { return micros_.size(); }

 private:
  mutable std::vector<int64_t> micros_;
  mutable bool sorted_ = false;
};

// One figure over its repeats.
struct Figure {
  std::string row;   // "1 batches, Zipf"
  std::string name;  // "CPU per event"
  std::string unit;
  std::vector<double> values;
  std::string limit = {};  // what it is held against; "": nothing
  double load = 0;         // the machine's load average when it was measured
};

class Report {
 public:
  void Add(std::string row, std::string name, std::string unit, std::vector<double> values,
           std::string limit = "");
  void Note(std::string text) { notes_.push_back(std::move(text)); }
  // Median, least and most of each figure.
  void Print(const std::string& command_line) const;
  const std::vector<Figure>& figures() const { return figures_; }

 private:
  std::vector<Figure> figures_;
  std::vector<std::string> notes_;
};

double LoadAverage();  // of the last minute

}  // namespace batuta::bench
