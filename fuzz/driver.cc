// Runs a fuzz target without libFuzzer, so that any compiler can: first every input that is given,
// then mutations of them for a bounded time.
//
//     json_fuzz [--seconds N] [--runs N] [--seed N] [--crashes FOLDER] FILE-OR-FOLDER...
//
// The same seed makes the same inputs in the same order. An input that ends the process is written
// to the folder of crashes under its hash before the process ends.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "fuzz/mutator.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace batuta::fuzz {
namespace {

// What the signal handler needs, which may neither allocate nor format.
struct Current {
  const char* data = nullptr;
  size_t size = 0;
  char path[512] = {};
};
Current current;  // NOLINT: a signal handler gets no argument of its own

void KeepInput(int signal) {
  const int file = open(current.path, O_CREAT | O_WRONLY | O_TRUNC, 0644);
  if (file >= 0) {
    if (write(file, current.data, current.size) >= 0) {
      constexpr char kText[] = "the input is kept in ";
      (void)!write(STDERR_FILENO, kText, sizeof kText - 1);
      (void)!write(STDERR_FILENO, current.path, std::strlen(current.path));
      (void)!write(STDERR_FILENO, "\n", 1);
    }
    close(file);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

struct Options {
  uint64_t seconds = 4;
  uint64_t runs = ~uint64_t{0};
  uint64_t seed = 1;
  std::string crashes = ".";
  std::vector<std::string> paths;
};

[[noreturn]] void Usage() {
  std::fprintf(stderr,
               "usage: [--seconds N] [--runs N] [--seed N] [--crashes FOLDER] FILE-OR-FOLDER...\n");
  std::exit(2);
}

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (!name.starts_with("--")) {
      options.paths.emplace_back(name);
      continue;
    }
    if (++i == argc) Usage();
    if (name == "--crashes") {
      options.crashes = argv[i];
      continue;
    }
    const uint64_t number = std::strtoull(argv[i], nullptr, 10);
    if (name == "--seconds")
      options.seconds = number;
    else if (name == "--runs")
      options.runs = number;
    else if (name == "--seed")
      options.seed = number;
    else
      Usage();
  }
  return options;
}

std::string ReadWhole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> ReadInputs(const std::vector<std::string>& paths) {
  std::vector<std::filesystem::path> files;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.emplace_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> inputs;
  for (const auto& file : files) inputs.push_back(ReadWhole(file));
  return inputs;
}

void RunOne(const std::string& input, const std::string& crashes) {
  current.data = input.data();
  current.size = input.size();
  const base::Id128 hash = base::Hash128(input);
  std::snprintf(current.path, sizeof current.path, "%s/crash-%016llx%016llx", crashes.c_str(),
                static_cast<unsigned long long>(hash.high),
                static_cast<unsigned long long>(hash.low));
  // A copy of exactly its size, so that a sanitizer sees a read beyond it.
  const std::vector<uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

int Main(int argc, char** argv) {
  const Options options = ParseOptions(argc, argv);
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL})
    std::signal(signal, KeepInput);
  std::vector<std::string> inputs = ReadInputs(options.paths);
  for (const std::string& input : inputs) RunOne(input, options.crashes);
  inputs.emplace_back();
  base::Random random(options.seed, base::Id128{}, "fuzz", "");
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(options.seconds);
  uint64_t runs = 0;
  while (runs < options.runs && std::chrono::steady_clock::now() < end) {
    RunOne(Mutate(inputs, random), options.crashes);
    ++runs;
  }
  std::printf("%zu inputs replayed, %llu mutations of seed %llu\n", inputs.size() - 1,
              static_cast<unsigned long long>(runs), static_cast<unsigned long long>(options.seed));
  return inputs.size() == 1 ? 1 : 0;  // without a corpus nothing much was tried
}

}  // namespace
}  // namespace batuta::fuzz

int main(int argc, char** argv) { return batuta::fuzz::Main(argc, argv); }
