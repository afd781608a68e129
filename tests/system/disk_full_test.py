"""A full disk: nothing that was acknowledged is lost, clients are told within a second (of a machine that
has time), and work goes on when there is space again.

Mounts a small file system in memory; where that is not allowed the test is skipped.
"""

import os
import subprocess
import sys
import time

from harness import Hub, check, check_equal, run, track

SIZE_MB = 160
LEFT_MB = 24  # by what else fills the disk; the hub writes the rest itself
ANSWER_SECONDS = 1


def mount(path):
    os.makedirs(path)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", path]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def fill(path):
    """Something else takes all space but LEFT_MB."""
    folder = os.path.dirname(path)
    left = os.statvfs(folder)
    size = left.f_bavail * left.f_frsize - (LEFT_MB << 20)
    check(size > 0, f"the hub has taken nearly all of {folder}")
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    os.posix_fallocate(file, 0, size)
    os.close(file)


def write_until_refused(client, acknowledged):
    """The first answer that is not 200."""
    for i in range(100_000):
        name = f"m{len(acknowledged)}-{i}"
        answer = client.post("/v1/track", track(f"u{i % 20}", "Fill", name, text="y" * 8000))
        if answer.status != 200:
            return answer
        acknowledged.append(name)
    raise AssertionError("the disk never ran full")


def check_told_soon(client):
    """One of several refusals comes within a second: others of this machine may hold some of them up."""
    took = []
    for i in range(20):
        begun = time.monotonic()
        status = client.post("/v1/track", track("u1", "Fill", f"late-{i}", text="y" * 8000)).status
        took.append(time.monotonic() - begun)
        if status != 200 and took[-1] < ANSWER_SECONDS:
            return
    check(False, f"refusals took {took} s")


def write_when_there_is_space(client, acknowledged):
    end = time.monotonic() + 120
    while time.monotonic() < end:
        answer = client.post("/v1/track", track("u1", "Again", f"again-{time.monotonic()}"))
        if answer.status == 200:
            return
        time.sleep(0.1)
    check(False, f"still refused 120 s after space returned: {answer.status} {answer.body!r}")


def found(hub):
    client = hub.client()
    return [entry["messageId"] for user in range(20)
            for entry in client.timeline(f"user_id:u{user}")]


def run_on(volume, hubs):
    hub = Hub(volume + "/data", ["--set", "log.segment=4MiB", "--set", "log.reserve=8MiB",
                                 "--set", "memory.write_buffers=8MiB"],
              log_path=os.path.dirname(volume) + "/stderr")
    hubs.append(hub)
    hub.start()
    acknowledged = []
    writer = hub.client("write")
    check_equal(writer.post("/v1/track", track("u0", "First", "first")).status, 200, "first event")
    acknowledged.append("first")
    for _ in range(2):
        fill(volume + "/ballast")
        answer = write_until_refused(writer, acknowledged)
        check_equal(answer.status, 503, answer.body)
        check_told_soon(writer)
        check_equal(answer.json["code"], "disk_full", "code")
        check(int(answer.headers["Retry-After"]) >= 1, "Retry-After")
        check_equal(hub.client().get("/readyz").status, 503, "readiness")
        check_equal(hub.client().get("/v1/people/user_id:u0").status, 200, "reading goes on")
        os.remove(volume + "/ballast")
        write_when_there_is_space(writer, acknowledged)
        check_equal(hub.client().get("/readyz").status, 200, "readiness")
    check(len(acknowledged) > 500, f"only {len(acknowledged)} events were acknowledged")
    names = found(hub)
    check_equal(sorted(set(acknowledged) - set(names)), [], "acknowledged and lost")

    # The same with the process killed while the disk is full.
    fill(volume + "/ballast")
    write_until_refused(writer, acknowledged)
    hub.kill()
    os.remove(volume + "/ballast")
    hub.start()
    names = found(hub)
    check_equal(sorted(set(acknowledged) - set(names)), [], "acknowledged and lost by the kill")
    check_equal(len(names), len(set(names)), "messages, each once")
    hub.stop()
    print(f"{len(acknowledged)} acknowledged events, none lost")


def test(folder, hubs):
    volume = folder + "/volume"
    if not mount(volume):
        print("skipped: mounting a file system is not allowed here")
        os._exit(77)
    try:
        run_on(volume, hubs)
    finally:
        for hub in hubs:
            hub.end()
        subprocess.run(["umount", volume], check=False)


if sys.platform != "linux":
    sys.exit(77)
run(test)
