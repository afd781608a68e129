"""A hub as the system tests see it: the real binary, in a folder of its own, on a free port.

Needs Python 3 alone. BATUTA is the binary; what a test leaves behind is removed unless it failed or
BATUTA_KEEP is set.
"""

import base64
import fcntl
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BATUTA = os.path.abspath(os.environ.get("BATUTA", os.path.join(ROOT, "build/release/bin/batuta")))
START_SECONDS = 300  # of a busy machine; whatever hangs is ended by the time-out of its test


class Failure(Exception):
    pass


PORTS_HELD = []  # locks, until the process ends


def port_of_ones_own():
    """A port for a hub that has to come back on it. Other tests that ask here are given others, and the
    system gives none of these to who asks for any."""
    for port in range(20_000, 30_000):
        lock = open(os.path.join(tempfile.gettempdir(), f"batuta-port-{port}"), "w", encoding="utf-8")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            lock.close()
            continue
        PORTS_HELD.append(lock)
        return port
    raise Failure("no port is free")


def check(condition, what):
    if not condition:
        raise Failure(what)


def check_equal(got, wanted, what):
    if got != wanted:
        raise Failure(f"{what}: got {got!r}, wanted {wanted!r}")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Hub:
    """One process at a time over one folder."""

    def __init__(self, folder, options=(), log_path=None):
        self.folder = folder
        self.log_path = log_path or folder.rstrip("/") + ".stderr"
        self.options = list(options)
        self.process = None
        self.port = None
        self.starts = []  # seconds each start took

    def start(self, wait=True, port=0):
        os.makedirs(self.folder, exist_ok=True)
        self.log_from = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0
        self.log = open(self.log_path, "ab")
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            [BATUTA, "serve", "--data", self.folder, "--listen", f"127.0.0.1:{port}", *self.options],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        if wait:
            self.wait_ready()
        return self

    def said(self):
        with open(self.log_path, "rb") as file:
            file.seek(self.log_from)
            return file.read().decode(errors="replace")

    def wait_ready(self):
        while True:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", self.said())
            if found:
                break
            if self.process.poll() is not None:
                raise Failure(f"the hub did not start ({self.process.returncode}): {self.said()}")
            if time.monotonic() - self.begun > START_SECONDS:
                raise Failure("the hub takes too long to start: " + self.said())
            time.sleep(0.005)
        self.port = int(found.group(1))
        self.starts.append(time.monotonic() - self.begun)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def key(self, name):
        with open(os.path.join(self.folder, name + ".key"), encoding="utf-8") as file:
            return file.read().strip()

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=300):
        code = self.process.wait(seconds)
        self.log.close()
        return code

    def stop(self):
        self.signal(signal.SIGINT)
        check_equal(self.wait(), 0, "exit code after Ctrl-C; " + self.said()[-2000:])

    def kill(self):
        self.signal(signal.SIGKILL)
        self.wait()

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def client(self, key="admin", timeout=120):
        return Client(self.port, self.key(key), timeout)

    def cli(self, *arguments, **options):
        return run_cli("--server", self.url, "--data", self.folder, *arguments, **options)


class Client:
    """One kept connection. Any trouble with it is an OSError."""

    def __init__(self, port, key, timeout=120):
        self.port, self.key, self.timeout = port, key, timeout
        self.connection = None

    def send(self, method, path, body=None, headers=None):
        sent = {"Authorization": "Basic " + base64.b64encode((self.key + ":").encode()).decode()}
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                             timeout=self.timeout)
            self.connection.request(method, path, data, sent)
            response = self.connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        except (http.client.HTTPException, OSError) as error:
            self.close()
            raise OSError(str(error)) from error
        if response.will_close:
            self.close()
        return answer

    def get(self, path, **options):
        return self.send("GET", path, **options)

    def post(self, path, body, **options):
        return self.send("POST", path, body, **options)

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def timeline(self, person, limit=100):
        """Every entry of a person's timeline; [] if there is no such person."""
        entries, cursor = [], ""
        kind, value = person.split(":", 1)
        path = f"/v1/people/{kind}:{urllib.parse.quote(value, safe='')}/timeline?limit={limit}"
        while True:
            answer = self.get(path + ("&cursor=" + urllib.parse.quote(cursor) if cursor else ""))
            if answer.status == 404:
                return entries
            check_equal(answer.status, 200, f"{path}: {answer.body!r}")
            page = answer.json
            entries += page["data"]
            cursor = page.get("nextCursor", "")
            if not cursor:
                return entries

    def settled_stats(self, wanted, name="events", seconds=120):
        """The stats once `name` has reached `wanted`."""
        end = time.monotonic() + seconds
        while True:
            stats = self.get("/v1/stats").json
            if stats[name] >= wanted or time.monotonic() > end:
                return stats
            time.sleep(0.05)


class Ran:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def rows(self):
        return [json.loads(line) for line in self.out.splitlines()]


def wait_for(condition, what, seconds=120):
    """Fails if it takes so long that it will not come any more."""
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, "waited in vain for " + what)
        time.sleep(0.02)


def run_cli(*arguments, stdin=None, env=None, timeout=600, cwd=None):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BATUTA_")}
    environment.update(env or {})
    done = subprocess.run([BATUTA, *arguments], input=stdin, capture_output=True, env=environment,
                          timeout=timeout, cwd=cwd, check=False,
                          stdin=subprocess.DEVNULL if stdin is None else None)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def track(user, event, message_id, **properties):
    return {"type": "track", "userId": user, "event": event, "messageId": message_id,
            "properties": properties}


def run(test):
    """Runs `test(folder, hubs)`: every hub it appends to `hubs` is ended, however it ends."""
    folder = tempfile.mkdtemp(prefix="batuta-test-")
    hubs, failed = [], True
    try:
        test(folder, hubs)
        failed = False
    except Failure as failure:
        print(f"FAILED: {failure}")
    except Exception:  # pylint: disable=broad-except
        traceback.print_exc()
    finally:
        for hub in hubs:
            if failed and hub.process is not None:
                print(f"--- {hub.folder} said:\n{hub.said()[-4000:]}")
            hub.end()
        if failed or os.environ.get("BATUTA_KEEP"):
            print(f"left in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if failed else 0)
