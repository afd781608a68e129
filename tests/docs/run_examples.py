#!/usr/bin/env python3
"""Runs the examples of a page of the documentation against a hub of its own.

    tests/docs/run_examples.py build/release/bin/batuta docs/quickstart.md …

What is looked at are the fenced blocks of the page, in their order:

    ```sh run         run by bash with -e; must end with 0
    ```sh run until   the same, again and again until what is expected comes (reads only)
    ```json expect    the output of the block before, as JSON, has at least this
    ```text expect    each of these lines is in the output of the block before
    ```yaml resource  all of these of the page together pass `batuta apply --dry-run`

"…" in something expected stands for anything. A page has one hub, one folder and one environment:
variables that a block sets hold in those after it. BATUTA_URL, BATUTA_KEY (a secret key) and
WRITE_KEY are set before the first block, and `batuta` is on the PATH.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

START_SECONDS = 300
BLOCK_SECONDS = 300
UNTIL_SECONDS = 120
FENCE = re.compile(r"^(\s*)(`{3,})(.*)$")
ANYTHING = "…"


class Failure(Exception):
    """An example that does not do what its page says."""


class Block:
    def __init__(self, words, line):
        self.words = words
        self.line = line
        self.text = ""


def blocks_of(page):
    """The fenced blocks of a page that are marked for us."""
    blocks, current, fence = [], None, None
    with open(page, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            match = FENCE.match(line)
            if fence is None and match:
                fence = match.group(2)
                current = Block(match.group(3).split(), number)
            elif match and match.group(2) == fence and not match.group(3).strip():
                if len(current.words) > 1:
                    blocks.append(current)
                fence = None
            elif fence is not None:
                current.text += line
    if fence is not None:
        raise Failure(f"{page}:{current.line}: the block is never closed")
    return blocks


class Hub:
    """`batuta serve` on a folder of its own and a free port."""

    def __init__(self, batuta, folder):
        self.keys = {}
        self.said = []
        self.url = None
        self.ready = threading.Event()
        self.process = subprocess.Popen(
            [batuta, "serve", "--data", os.path.join(folder, "batuta-data"),
             "--listen", "127.0.0.1:0"],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        threading.Thread(target=self.listen, daemon=True).start()
        if not self.ready.wait(START_SECONDS) or self.url is None:
            self.process.kill()
            raise Failure("the hub did not start:\n" + "".join(self.said))

    def listen(self):
        for line in self.process.stderr:
            self.said.append(line)
            if found := re.match(r"Batuta \S+ +(http:\S+)$", line):
                self.url = found.group(1)
            if found := re.match(r" *(secret|write|browser) key +(\S+)$", line):
                self.keys[found.group(1)] = found.group(2)
            if line.startswith("Ctrl-C"):
                self.ready.set()
        self.ready.set()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(BLOCK_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failure(f"the hub did not end within {BLOCK_SECONDS} s of SIGTERM") from None
        if code != 0:
            raise Failure(f"the hub ended with {code}:\n" + "".join(self.said))


def has(actual, expected, place="$"):
    """Where `actual` lacks something of `expected`; None if nowhere."""
    if expected == ANYTHING:
        return None
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return f"{place} is no object"
        for name, value in expected.items():
            if name not in actual:
                return f"{place}.{name} is missing"
            if wrong := has(actual[name], value, f"{place}.{name}"):
                return wrong
        return None
    if isinstance(expected, list):
        if not isinstance(actual, list):
            return f"{place} is no list"
        for index, value in enumerate(expected):
            if all(has(item, value) for item in actual):
                return f"{place} has nothing like its expected element {index}"
        return None
    if isinstance(expected, str) and ANYTHING in expected:
        pattern = ".*".join(re.escape(part) for part in expected.split(ANYTHING))
        return None if re.fullmatch(pattern, str(actual)) else f"{place} is {actual!r}"
    return None if actual == expected else f"{place} is {actual!r}, not {expected!r}"


def squeezed(text):
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def check_expectation(block, output):
    """Raises Failure unless the output has what the block says."""
    if block.words[0] == "json":
        try:
            actual = json.loads(output)
        except ValueError:
            raise Failure("the output is no JSON") from None
        if wrong := has(actual, json.loads(block.text)):
            raise Failure(wrong)
        return
    lines = squeezed(output)
    for line in squeezed(block.text):
        pattern = ".*".join(re.escape(part) for part in line.split(ANYTHING))
        if not any(re.search(pattern, said) for said in lines):
            raise Failure(f"the output lacks the line: {line}")


class Shell:
    """Runs blocks one after the other; their variables and folder carry over."""

    def __init__(self, folder, environment):
        self.state = os.path.join(folder, ".environment")
        self.folder = folder
        self.environment = environment

    def run(self, text):
        script = (f"set -eu -o pipefail; [ ! -e '{self.state}' ] || . '{self.state}'\n"
                  f"trap 'export -p > {self.state}' EXIT\nset -a\n{text}")
        return subprocess.run(["bash", "-c", script], cwd=self.folder, env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=BLOCK_SECONDS,
                              check=False)


def run_block(shell, block, expectations):
    """Raises Failure if the block fails, or does not give what is expected of it."""
    end = time.monotonic() + (UNTIL_SECONDS if "until" in block.words else 0)
    while True:
        done = shell.run(block.text)
        try:
            if done.returncode != 0:
                raise Failure(f"it ended with {done.returncode}")
            for expectation in expectations:
                is_text = expectation.words[0] == "text"
                check_expectation(expectation, done.stdout + (done.stderr if is_text else ""))
            return
        except Failure as failure:
            if time.monotonic() >= end:
                raise Failure(f"{failure}\n--- output\n{done.stdout}{done.stderr}") from None
        time.sleep(0.1)


def check_resources(shell, page, resources):
    """All documents of a page are valid together; problems name the line of the page."""
    folder = os.path.join(shell.folder, "page")
    os.makedirs(folder)
    for block in resources:
        name = f"{os.path.basename(page)}-line-{block.line}.yaml"
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(block.text)
    done = shell.run("batuta apply page --dry-run")
    if done.returncode != 0 or "warning" in done.stderr:
        raise Failure(f"{page}: the resources are not right:\n{done.stdout}{done.stderr}")


def run_page(batuta, page):
    blocks = blocks_of(page)
    resources = [block for block in blocks if block.words[:2] == ["yaml", "resource"]]
    count = 0
    with tempfile.TemporaryDirectory(prefix="batuta-docs-") as folder:
        hub = Hub(batuta, folder)
        environment = dict(os.environ, BATUTA_URL=hub.url, BATUTA_SERVER=hub.url,
                           BATUTA_KEY=hub.keys["secret"], WRITE_KEY=hub.keys["write"],
                           BATUTA_WRITE_KEY=hub.keys["write"],
                           PATH=os.path.dirname(batuta) + os.pathsep + os.environ["PATH"])
        shell = Shell(folder, environment)
        failed = True
        try:
            for index, block in enumerate(blocks):
                if block.words[:2] != ["sh", "run"]:
                    continue
                expectations = []
                for follower in blocks[index + 1:]:
                    if follower.words[1] != "expect":
                        break
                    expectations.append(follower)
                try:
                    run_block(shell, block, expectations)
                except (Failure, subprocess.TimeoutExpired) as failure:
                    raise Failure(f"{page}:{block.line}: {failure}") from None
                count += 1
            if resources:
                check_resources(shell, page, resources)
            failed = False
        finally:
            if failed:
                hub.process.kill()
        hub.stop()
    if count + len(resources) == 0:
        raise Failure(f"{page} has no example to run")
    print(f"{page}: {count} examples run, {len(resources)} resources checked")


def main():
    if len(sys.argv) < 3:
        print(__doc__.split("\n\n")[1].strip(), file=sys.stderr)
        return 2
    missing = [program for program in ("bash", "curl") if shutil.which(program) is None]
    if missing:
        print("not run, because these programs are missing:", *missing, file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 77
    try:
        for page in sys.argv[2:]:
            run_page(os.path.realpath(sys.argv[1]), page)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
