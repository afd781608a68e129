#!/usr/bin/env python3
"""The demo as a user starts it: it lives, ends by itself, and goes on in the same folder.

    tests/system/demo_test.py build/release/bin/batuta
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BATUTA = os.path.join(ROOT, "build", "release", "bin", "batuta")
DECISIONS = re.compile(r"decisions ([\d,]+) \(")


def demo(folder, *more):
    return [BATUTA, "demo", "--data", folder, "--plain", "--people", "300", "--day", "20",
            "--resources", os.path.join(ROOT, "samples", "company"), *more]


def run(folder, seconds):
    return subprocess.run(demo(folder, "--seconds", str(seconds)), capture_output=True, text=True,
                          timeout=seconds + 120, check=False)


def decisions_of(output):
    return [int(count.replace(",", "")) for count in DECISIONS.findall(output)]


class DemoTest(unittest.TestCase):
    def check(self, done):
        said = done.stdout + done.stderr
        self.assertEqual(done.returncode, 0, said)
        self.assertNotIn("FAILED", said)
        self.assertNotIn("requests failed", said)
        self.assertNotIn("batuta:", done.stderr)
        counts = decisions_of(done.stdout)
        self.assertGreaterEqual(len(counts), 2, said)
        self.assertEqual(counts, sorted(counts), said)
        self.assertGreater(counts[-1], 0, said)
        self.assertEqual(done.stdout.count("curl -s"), 6, said)
        known = re.search(r"The hub knows ([\d,]+) people", done.stdout)
        self.assertIsNotNone(known, said)
        return int(known.group(1).replace(",", ""))

    def test_it_lives_and_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            people = self.check(run(folder, 15))
            self.assertGreater(people, 200)
            with open(os.path.join(folder, "truth.json"), encoding="utf-8") as file:
                truth = file.read()
            self.assertEqual(len(json.loads(truth)["customers"]), 300)
            again = run(folder, 15)
            self.assertGreaterEqual(self.check(again), 200)
            self.assertIn("Checking the bank's files", again.stderr)
            with open(os.path.join(folder, "truth.json"), encoding="utf-8") as file:
                self.assertEqual(file.read(), truth)

    def test_other_people_are_refused_in_the_same_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            self.check(run(folder, 8))
            other = subprocess.run(demo(folder, "--seed", "9"), capture_output=True, text=True,
                                   timeout=60, check=False)
            self.assertEqual(other.returncode, 1, other.stderr)
            self.assertIn("the people of this folder are the 300 of seed 1", other.stderr)

    def test_an_interrupt_ends_the_demo_and_its_hub(self):
        with tempfile.TemporaryDirectory() as folder:
            with subprocess.Popen(demo(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True) as process:
                time.sleep(8)
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 0, out + err)
            # Nobody holds the folder any more.
            check = subprocess.run([BATUTA, "serve", "--data", folder, "--check"],
                                   capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(check.returncode, 0, check.stderr)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        BATUTA = os.path.abspath(sys.argv.pop(1))
    unittest.main()
