"""Ctrl-C ends a hub under load cleanly, a second one at once; one process has a folder at a time."""

import os
import signal
import threading
import time

from harness import Hub, check, check_equal, run, run_cli, track


def write_until_gone(hub, acknowledged):
    client = hub.client("write")
    for i in range(1_000_000):
        name = f"{threading.get_ident()}-{i}"
        try:
            if client.post("/v1/track", track("u1", "Load", name)).status == 200:
                acknowledged.append(name)
        except OSError:
            return


def test_clean_end(hub):
    for number in (signal.SIGINT, signal.SIGTERM):
        acknowledged = []
        writers = [threading.Thread(target=write_until_gone, args=(hub, acknowledged))
                   for _ in range(4)]
        for writer in writers:
            writer.start()
        while len(acknowledged) < 100:
            check(hub.process.poll() is None, "the hub has ended: " + hub.said())
            time.sleep(0.01)
        hub.signal(number)
        check_equal(hub.wait(), 0, "exit code")
        for writer in writers:
            writer.join()
        hub.start()
        found = [entry["messageId"] for entry in hub.client().timeline("user_id:u1")]
        check_equal(sorted(set(acknowledged) - set(found)), [], "lost")
        check_equal(len(found), len(set(found)), "messages, each once")


def test_second_process(hub):
    ran = run_cli("serve", "--data", hub.folder, "--listen", "127.0.0.1:0")
    check_equal(ran.code, 1, "exit code of a second process")
    check("another process" in ran.err and str(hub.process.pid) in ran.err, ran.err)
    ran = run_cli("serve", "--data", hub.folder, "--check")
    check_equal(ran.code, 1, "exit code of a check beside a running hub")


def test_taken_port(hub, folder, hubs):
    ran = run_cli("serve", "--data", folder + "/other", "--listen", f"127.0.0.1:{hub.port}")
    check_equal(ran.code, 1, "exit code on a taken port")
    check(str(hub.port) in ran.err, ran.err)
    again = Hub(folder + "/other").start()
    hubs.append(again)
    check("secret key" in again.said(), "a start that failed has used up the showing of the keys")
    again.stop()


def test_files(hub):
    for name in ("master.key", "admin.key", "write.key"):
        mode = os.stat(os.path.join(hub.folder, name)).st_mode & 0o777
        check_equal(oct(mode), oct(0o600), name)


def test(folder, hubs):
    hub = Hub(folder + "/data")
    hubs.append(hub)
    hub.start()
    check("secret key" in hub.said(), "the first start shows the keys")
    test_files(hub)
    test_clean_end(hub)
    check("secret key" not in hub.said(), "later starts show no key")
    test_second_process(hub)
    test_taken_port(hub, folder, hubs)
    hub.stop()
    ran = run_cli("serve", "--data", hub.folder, "--check")
    check_equal(ran.code, 0, ran.err)
    check(len(ran.rows[0]["stateHash"]) == 32, ran.out)


run(test)
