"""Bad input: each kind gets a clear error or a rejection with its reason, which API and command line
list, and the rest of its batch is kept; ten thousand malformed requests do no harm.
"""

import base64
import gzip
import json
import random
import re
import socket
import time

from harness import Hub, check, check_equal, run, track

REQUESTS = 10_000
EVERY = 100  # one good event among so many bad requests
SEED = 20261122


def nested(depth, inside="1"):
    return '{"a":' * depth + inside + "}" * depth


def event(**members):
    return json.dumps({"type": "track", "event": "E", "userId": "bad", **members})


def bad_events():
    """(what it is, the event's bytes, the code of its rejection)"""
    keys = {f"k{i}": i for i in range(1001)}
    big = event(properties={"text": "x" * 40_000})
    return [
        ("no identifier", b'{"type":"track","event":"E"}', "missing_identifier"),
        ("a blocked identifier", event(userId="nobody").encode(), "blocked_identifier"),
        ("no type", b'{"userId":"bad"}', "missing_type"),
        ("an unknown type", event(type="trak").encode(), "unknown_type"),
        ("no name", b'{"type":"track","userId":"bad"}', "missing_event"),
        ("no object", b"7", "not_an_object"),
        ("a number for traits", b'{"type":"identify","userId":"bad","traits":7}', "wrong_type"),
        ("a list for an id", event(userId=["bad"]).encode(), "wrong_type"),
        ("a long id", event(userId="u" * 256).encode(), "too_long"),
        ("a time that is none", event(timestamp="soon").encode(), "bad_time"),
        ("an ancient time", event(timestamp="1800-01-01T00:00:00Z").encode(), "time_out_of_range"),
        ("a far future", event(timestamp="2999-01-01T00:00:00Z").encode(), "time_out_of_range"),
        ("an oversized event", big.encode(), "too_large"),
        ("many keys", event(properties=keys).encode(), "too_many_fields"),
        ("a name twice", b'{"type":"track","event":"E","userId":"bad","userId":"worse"}',
         "duplicate_field"),
        ("deep", event(properties=json.loads(nested(40))).encode(), "too_deep"),
        ("very deep", event().encode()[:-1] + b',"properties":' + nested(3000).encode() + b"}",
         "too_deep"),
        ("NaN", event(properties={"n": float("nan")}).encode(), "not_json"),
        ("infinity", event(properties={"n": float("-inf")}).encode(), "not_json"),
        ("Latin-1", event(userId="Jos?").encode().replace(b"?", b"\xe9"), "not_json"),
        ("half a pair", event(properties={"t": "\ud83d"}).encode(), "not_json"),
    ]


def test_events(hub):
    bad = bad_events()
    good = json.dumps(track("kept", "Good", "")).encode()
    pieces = [good]
    for _, text, _ in bad:
        pieces += [text, good]
    answer = hub.client("write").post("/v1/batch", b'{"batch":[' + b",".join(pieces) + b"]}")
    check_equal(answer.status, 200, answer.body)
    rejected = answer.json["rejected"]
    check_equal([one["index"] for one in rejected], [2 * i + 1 for i in range(len(bad))],
                "which were rejected")
    for (what, _, code), one in zip(bad, rejected):
        check_equal(one["code"], code, what)
        check(len(one["detail"]) > 10, f"{what}: {one}")
    client = hub.client()
    client.settled_stats(len(bad) + 1)
    person = client.get("/v1/people/user_id:kept").json
    check_equal(person["counters"]["Good"]["count"], len(bad) + 1, "the rest of the batch")
    codes = sorted(code for _, _, code in bad)
    listed = client.get("/v1/rejections?limit=100").json["data"]
    check_equal(sorted(one["code"] for one in listed), codes, "listed by the API")
    rows = hub.cli("rejections").rows
    check_equal(sorted(one["code"] for one in rows), codes, "listed by the command line")
    check(all(one["detail"] and one["source"] for one in rows), "each with its reason")


def test_duplicates(hub):
    before = hub.client().get("/v1/stats").json
    batch = [track("twice", "E", "m1", n=1), track("twice", "E", "m1", n=1),
             track("twice", "E", "m1", n=2), track("twice", "E", "m2", n=3)]
    check_equal(hub.client("write").post("/v1/batch", {"batch": batch}).status, 200, "the batch")
    stats = hub.client().settled_stats(before["events"] + 2)
    check_equal(stats["duplicates"] - before["duplicates"], 2, "duplicates")
    newest = hub.cli("rejections", "--limit", "1").rows[0]
    check_equal((newest["code"], newest["messageId"]), ("message_id_reused", "m1"), "the rejection")
    next_month = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() + 30 * 86_400))
    times = {"future": next_month, "old": "1999-12-31T23:59:59Z"}
    for user, at in times.items():
        answer = hub.client("write").post("/v1/track", {**track(user, "E", user), "timestamp": at})
        check_equal(answer.json, {"success": True}, at)
    hub.client().settled_stats(before["events"] + 4)
    entries = {user: hub.client().timeline("user_id:" + user)[0] for user in times}
    check_equal(entries["old"]["time"], times["old"], "an old time is kept")
    check(entries["future"]["time"] < times["future"], "a time in the future counts as now")


def test_bodies(hub):
    """Bodies of which nothing can be kept."""
    write, admin = hub.client("write"), hub.client()
    stats = admin.get("/v1/stats").json
    good = event().encode()
    packed = gzip.compress(b'{"batch":[' + good + b"]}")
    million = b'{"userId":"u","traits":{' + b",".join(b'"%d":1' % i for i in range(10**6)) + b"}}"
    coded = {"Content-Encoding": "gzip"}
    for what, client, path, body, headers, status, code in (
            ("truncated", write, "/v1/batch", b'{"batch":[' + good[:-9], {}, 400, "invalid_body"),
            ("truncated gzip", write, "/v1/batch", packed[:-9], coded, 400, "broken_coding"),
            ("not UTF-8", write, "/v1/track", b'{"userId":"\xff"}', {}, 400, "invalid_body"),
            ("NaN", write, "/v1/track", b'{"userId":NaN}', {}, 400, "invalid_body"),
            ("nested", write, "/v1/batch", b"[" * 100_000, {}, 400, "invalid_body"),
            ("no list", write, "/v1/batch", b'{"batch":{}}', {}, 400, "invalid_body"),
            ("many events", write, "/v1/batch", b'{"batch":[' + b"1," * 2500 + b"1]}", {}, 400,
             "invalid_body"),
            ("oversized", write, "/v1/batch", b" " * (600 << 10), {}, 413, "body_too_large"),
            ("a million keys", write, "/v1/import", million, {}, 413, "body_too_large"),
            ("a bomb", write, "/v1/batch", gzip.compress(b" " * (64 << 20)), coded, 413,
             "body_too_large"),
            ("nobody's key", write, "/v1/track", good, {"Authorization": "Bearer nobody"}, 401,
             "bad_key"),
            ("NaN in a decision", admin, "/v1/decisions", b'{"placement":NaN}', {}, 400, "not_json"),
            ("an unknown member", admin, "/v1/decisions", b'{"placemnt":"x"}', {}, 422,
             "invalid_request"),
            ("an unknown field of a resource", admin, "/v1/resources:apply",
             b'{"kind":"source","name":"s","spec":{"titel":"S"}}', {}, 422, "invalid_resources")):
        answer = client.post(path, body, headers=headers)
        check_equal((answer.status, answer.json["code"]), (status, code), what)
        check(len(answer.json["detail"]) > 10, f"{what}: {answer.body}")
    after = admin.get("/v1/stats").json
    check_equal((after["events"], after["rejections"]), (stats["events"], stats["rejections"]),
                "events and rejections")


BODIES = (
    ("write", "/v1/track", event(properties={"list": [1, {"a": None}], "text": "é"})),
    ("write", "/v1/batch", '{"batch":[' + event() + "," + event() + '],"sentAt":"2026-01-01"}'),
    ("write", "/v1/import", '{"batch":[' + event(timestamp="2020-01-01T00:00:00Z") + "]}"),
    ("write", "/v1/identify", '{"userId":"bad","traits":{"email":"a@b.mx","age":3}}'),
    ("admin", "/v1/decisions", '{"person":{"userId":"bad"},"placement":"web.home.hero"}'),
    ("admin", "/v1/resources:diff", '[{"kind":"source","name":"s","spec":{"title":"S"}}]'),
    ("admin", "/v1/decisions:whyNot", '{"person":{"userId":"bad"},"placement":"x","action":"y"}'),
)
PARTS = (b"NaN", b"\xff", b"\\ud800", b"{", b"}", b"[", b"]", b'"', b",", b"\x00", b"1e999",
         b"-", b"null", b'{"a":' * 50, b"\r\n", b"%", b"Content-Length: 3\r\n", b"chunked", b" ")


def mutated(text, dice):
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(text) + 1)
        cut = min(len(text), at + dice.randint(0, 12))
        what = dice.randrange(4)
        if what == 0:
            text = text[:at] + dice.choice(PARTS) + text[at:]
        elif what == 1:
            text = text[:at] + dice.choice(PARTS) + text[cut:]
        elif what == 2:
            text = text[:at] + text[cut:]
        else:
            text = text[:at] if dice.random() < 0.3 else text[:at] + text[at:cut] * 2 + text[cut:]
    return text


def check_status(status, sent):
    fine = 200 <= status < 300 or 400 <= status < 500 or status in (501, 505)
    check(fine, f"status {status} for {sent!r}")


def send_raw(hub, sent):
    """Whatever the bytes are: an answer, or the end of the connection."""
    with socket.create_connection(("127.0.0.1", hub.port), timeout=120) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while part := connection.recv(65536):
                answer += part
        except ConnectionError:
            return
        found = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
        check(found or not answer, f"{answer[:80]!r} for {sent!r}")
        if found:
            check_status(int(found.group(1)), sent)


def test_ten_thousand(hub):
    dice = random.Random(SEED)
    clients = {name: hub.client(name) for name in ("write", "admin")}
    good = refused = 0
    for i in range(REQUESTS):
        if i % EVERY == 0:
            answer = clients["write"].post("/v1/track", track("steady", "Good", f"good{i}"))
            check_equal(answer.json, {"success": True}, "a good event among the bad")
            position = {"X-Log-Position": answer.headers["X-Log-Position"]}
            good += 1
        key, path, body = dice.choice(BODIES)
        data = body.encode()
        if i % 2 == 0:
            answer = clients[key].post(path, mutated(data, dice))
            check_status(answer.status, data)
            refused += answer.status >= 400
            if answer.status >= 400:
                check(answer.json["code"] and answer.json["detail"], answer.body)
        else:
            basic = base64.b64encode((clients[key].key + ":").encode()).decode()
            head = (f"POST {path} HTTP/1.1\r\nHost: a\r\nAuthorization: Basic {basic}\r\n"
                    f"Content-Length: {len(data)}\r\nConnection: close\r\n\r\n")
            send_raw(hub, mutated(head.encode() + data, dice))
    check(refused > REQUESTS / 10, f"only {refused} were refused")
    person = clients["admin"].get("/v1/people/user_id:steady", headers=position).json
    check_equal(person["counters"]["Good"]["count"], good, "good events")


BLOCKED = """\
kind: identity
spec:
  identifiers:
    - {type: user_id, priority: 1, limit: 1, window: ever, unique: true, blocked: [nobody]}
---
kind: hub
spec: {currency: MXN, timeZone: America/Mexico_City}
---
kind: placement
name: web.home.hero
spec: {channel: web}
"""


def test(folder, hubs):
    hub = Hub(folder + "/data")
    hubs.append(hub)
    hub.start()
    with open(folder + "/blocked.yaml", "w", encoding="utf-8") as file:
        file.write(BLOCKED)
    check_equal(hub.cli("apply", folder + "/blocked.yaml", "--yes").code, 0, "apply")
    test_events(hub)
    test_duplicates(hub)
    test_bodies(hub)
    test_ten_thousand(hub)
    hub.stop()
    check_equal(hub.cli("serve", "--check").code, 0, "the hub's folder afterwards")


run(test)
