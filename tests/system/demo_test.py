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
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BATUTA = os.path.join(ROOT, "build", "release", "bin", "batuta")
DECISIONS = re.compile(r"decisions ([\d,]+) \(")


def demo(folder, *more):
    return [BATUTA, "demo", "--data", folder, "--plain", "--people", "300", "--day", "20",
            "--resources", os.path.join(ROOT, "samples", "company"), *more]


class Lived:
    """A demo that was interrupted once its customers had asked for decisions in two lines of its output,
    or that has ended by itself; however busy the machine is."""

    def __init__(self, folder, *more):
        with tempfile.TemporaryFile("w+", encoding="utf-8") as errors:
            with subprocess.Popen(demo(folder, *more), stdout=subprocess.PIPE, stderr=errors,
                                  text=True) as process:
                self.stdout = ""
                told = "--seconds" in more
                for line in process.stdout:
                    self.stdout += line
                    if not told and len(decisions_of(self.stdout)) == 2:
                        told = True
                        process.send_signal(signal.SIGINT)
            self.returncode = process.returncode
            errors.seek(0)
            self.stderr = errors.read()


def decisions_of(output):
    """Of the lines that tell of any."""
    counts = [int(count.replace(",", "")) for count in DECISIONS.findall(output)]
    return [count for count in counts if count > 0]


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
        self.assertEqual(done.stdout.count("curl -s"), 6, said)
        known = re.search(r"The hub knows ([\d,]+) people", done.stdout)
        self.assertIsNotNone(known, said)
        return int(known.group(1).replace(",", ""))

    def test_it_lives_and_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            people = self.check(Lived(folder))
            self.assertGreater(people, 200)
            with open(os.path.join(folder, "truth.json"), encoding="utf-8") as file:
                truth = file.read()
            self.assertEqual(len(json.loads(truth)["customers"]), 300)
            again = Lived(folder)
            self.assertGreaterEqual(self.check(again), 200)
            self.assertIn("Checking the bank's files", again.stderr)
            with open(os.path.join(folder, "truth.json"), encoding="utf-8") as file:
                self.assertEqual(file.read(), truth)

    def test_other_people_are_refused_in_the_same_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            done = Lived(folder, "--seconds", "2")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            other = subprocess.run(demo(folder, "--seed", "9"), capture_output=True, text=True,
                                   check=False)
            self.assertEqual(other.returncode, 1, other.stderr)
            self.assertIn("the people of this folder are the 300 of seed 1", other.stderr)

    def test_an_interrupt_ends_the_demo_and_its_hub(self):
        with tempfile.TemporaryDirectory() as folder:
            self.check(Lived(folder))
            # Nobody holds the folder any more.
            check = subprocess.run([BATUTA, "serve", "--data", folder, "--check"],
                                   capture_output=True, text=True, check=False)
            self.assertEqual(check.returncode, 0, check.stderr)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        BATUTA = os.path.abspath(sys.argv.pop(1))
    unittest.main()
