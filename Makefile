# The commands of this tree. PRESET chooses the build: release, debug, asan, tsan, clang, fma.
#
#     make demo    builds, starts a hub on a sample company and lets simulated customers live in it
#     make test    builds and runs every test

PRESET ?= release
JOBS ?= $(shell tools/jobs)
BUILD := build/$(PRESET)
BATUTA := $(BUILD)/bin/batuta
CTEST_FLAGS ?=

.PHONY: all build demo test bench bench-peer bench-vw sim learning fuzz lint format clean packages build-packages clang-packages peer-packages
all: build

packages:
	@tools/install-packages

build-packages:
	@tools/install-packages --build

peer-packages:
	@tools/install-packages --peer

clang-packages:
	@tools/install-packages --clang

$(BUILD)/build.ninja: CMakeLists.txt CMakePresets.json
	cmake --preset $(PRESET)

build: build-packages $(BUILD)/build.ninja
	cmake --build $(BUILD) --parallel $(JOBS)

# The binary alone, without tests and benchmarks.
.PHONY: binary
binary: build-packages $(BUILD)/build.ninja
	cmake --build $(BUILD) --parallel $(JOBS) --target batuta

demo: binary
	@$(BATUTA) demo --data demo-data --resources samples/company

test: packages build
	ctest --test-dir $(BUILD) --output-on-failure --parallel $(JOBS) $(CTEST_FLAGS)

bench: build
	@bench/run $(BUILD)

bench-peer: peer-packages build
	cmake --preset $(PRESET) && cmake --build $(BUILD) --parallel $(JOBS) --target peer_postgres
	@bench/run-peer $(BUILD)

# What the hub learns beside Vowpal Wabbit, which comes from PyPI.
WORLDS ?= 8
bench-vw: build-packages $(BUILD)/build.ninja
	cmake --build $(BUILD) --parallel $(JOBS) --target known_truth
	@bench/run-vw $(BUILD) $(WORLDS)

# The simulator of the whole hub with more seeds than `make test` runs.
SEEDS ?= 200
sim: build
	BATUTA_SIM_SEEDS=$(SEEDS) ctest --test-dir $(BUILD) --output-on-failure -L sim

# What learns example by example against a regression of all examples at once, with more splits than
# `make test` runs.
SPLITS ?= 20
learning: build
	BATUTA_SPLITS=$(SPLITS) ctest --test-dir $(BUILD) --verbose -R '^Online'

# Each fuzzer for a while.
FUZZ_SECONDS ?= 60
fuzz: clang-packages
	cmake --preset fuzz
	cmake --build build/fuzz --parallel $(JOBS) --target fuzzers
	@fuzz/run build/fuzz $(FUZZ_SECONDS)

lint: clang-packages $(BUILD)/build.ninja
	tools/tidy
	tools/lint --build $(BUILD)

format: clang-packages
	git ls-files '*.h' '*.cc' | xargs clang-format-19 -i

clean:
	rm -rf build
