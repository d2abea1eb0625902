"""What scripts/measure-scale measures on the cluster that it has started."""

import argparse
import base64
import concurrent.futures
import hashlib
import hmac
import http.client
import json
import os
import subprocess
import threading
import time

RUN = os.environ["SWITCHBOARD_RUN_DIR"]
BASE = int(os.environ["SWITCHBOARD_PORT_BASE"])
BINARY = os.environ["SWITCHBOARD_BINARY"]
SECRET = open(RUN + "/secret").read().strip().encode()
local = threading.local()


def token(role, sub):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    claims = {"sub": sub, "role": role, "exp": int(time.time()) + 7200}
    text = part({"alg": "HS256", "typ": "JWT"}) + b"." + part(claims)
    seal = base64.urlsafe_b64encode(hmac.new(SECRET, text, hashlib.sha256).digest()).rstrip(b"=")
    return (text + b"." + seal).decode()


def ask(node, method, path, body=None, bearer="", wait=10):
    """The status and the document; a connection of each thread to each node stays open."""
    links = local.__dict__.setdefault("links", {})
    headers = {"Authorization": "Bearer " + bearer} if bearer else {}
    for fresh in (False, True):
        link = links.get(node)
        if link is None or fresh:
            link = links[node] = http.client.HTTPConnection("127.0.0.1", BASE + node, timeout=wait)
        try:
            link.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = link.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            link.close()
            links.pop(node, None)
    return 0, b""


def status(node):
    code, text = ask(node, "GET", "/v1/cluster/status", bearer=token("admin", "root"))
    return json.loads(text) if code == 200 else None


def figure(node, name):
    _, text = ask(node, "GET", "/metrics", bearer=token("admin", "root"))
    for line in text.decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    return 0.0


def wait_well():
    """A killed node is back, and all nodes see each other."""
    deadline = time.time() + 120
    while time.time() < deadline:
        found = [status(node) for node in (1, 2, 3)]
        if all(s and s["health"] == "ok" for s in found):
            return found[0]["leader"]
        time.sleep(0.2)
    raise SystemExit("The cluster does not get well.")


def open_sessions(first, count):
    """Each with one message, by 200 customers at all nodes."""
    bearers = [token("customer", "scale-%d" % n) for n in range(200)]

    def one(number):
        for attempt in range(100):
            bearer, node = bearers[number % 200], 1 + (number + attempt) % 3
            code, text = ask(node, "POST", "/v1/sessions", {"channel": "web"}, bearer)
            if code != 201:
                time.sleep(0.02 * attempt)
                continue
            session = json.loads(text)["session"]
            code, _ = ask(node, "POST", "/v1/sessions/%s/messages" % session, {"body": "x" * 200}, bearer)
            if code == 201:
                return session, bearer
            time.sleep(0.02 * attempt)
        raise SystemExit("A session could not be opened: %s %s" % (code, text))

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        return list(pool.map(one, range(first, first + count)))


def owners(sessions):
    """Which node owns each of some sessions, by a supervisor's look."""
    bearer = token("supervisor", "look")
    found = {}
    for session, own in sessions:
        code, text = ask(1, "GET", "/v1/sessions/" + session, bearer=bearer)
        if code == 200:
            found[session] = (json.loads(text)["owner"], own)
    return found


def lose(leader, sessions):
    """Kills the leader. Seconds until its sessions take a message again: the first one, and each of those looked at."""
    mine = [(s, own) for s, (owner, own) in owners(sessions[:: max(1, len(sessions) // 200)]).items() if owner == leader]
    number = int(leader.removeprefix("node"))
    other = 1 + number % 3
    subprocess.run(["scripts/cluster", "kill", str(number)], stdout=subprocess.DEVNULL, check=True)
    began = time.time()
    times = []

    def until_taken(place):
        session, bearer = mine[place]
        while time.time() - began < 60:
            code, _ = ask(other, "POST", "/v1/sessions/%s/messages" % session, {"body": "x"}, bearer, wait=2)
            if code == 201:
                return time.time() - began
            time.sleep(0.01)
        return float("inf")

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        times = sorted(pool.map(until_taken, range(len(mine))))
    subprocess.run(["scripts/cluster", "restart", str(number)], stdout=subprocess.DEVNULL, check=True)
    return times


def memory_and_loss(steps):
    print("| open sessions | memory of a node, MiB | KiB a session | leader lost: first ack, s | all looked at, s |")
    print("|---|---|---|---|---|")
    sessions = []
    leader = wait_well()
    empty = max(figure(n, "process_resident_memory_bytes") for n in (1, 2, 3))
    print("| 0 | %.0f | | | |" % (empty / 2**20), flush=True)
    for step in steps:
        sessions += open_sessions(len(sessions), step - len(sessions))
        leader = wait_well()
        resident = max(figure(n, "process_resident_memory_bytes") for n in (1, 2, 3))
        times = lose(leader, sessions)
        print(
            "| %d | %.0f | %.1f | %.2f | %.2f |"
            % (step, resident / 2**20, (resident - empty) / 1024 / step, times[0], times[-1]),
            flush=True,
        )
        wait_well()


def node_seconds(parent):
    """Processor time of the nodes that a benchmark has started."""
    total = 0.0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = open("/proc/%s/stat" % pid).read().rsplit(")", 1)[1].split()
            words = open("/proc/%s/cmdline" % pid).read().split("\0")
        except OSError:
            continue
        if int(fields[1]) == parent and "serve" in words:
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def acknowledgements(seconds):
    print("\n| clients, one message under way each | acks/s | node processor time per 100,000 acks, s |")
    print("|---|---|---|")
    bench = subprocess.Popen(
        [BINARY, "bench", "--only", "acks", "--json", "--seconds", str(seconds)], stdout=subprocess.PIPE, text=True,
        stderr=subprocess.PIPE,
    )
    # What it was last: the nodes are gone before the benchmark is.
    last = [0.0]

    def watch():
        while bench.poll() is None:
            last[0] = max(last[0], node_seconds(bench.pid))
            time.sleep(0.1)

    threading.Thread(target=watch, daemon=True).start()
    marks = []
    for line in bench.stderr:
        if "one message under way" in line:
            marks.append((int(line.split()[0]), time.time(), node_seconds(bench.pid)))
    spent = last[0]
    report = json.loads(bench.stdout.read())
    bench.wait()
    rates = {}
    for row in report["rows"]:
        if row["name"].startswith("acknowledged a second"):
            rates[int(row["name"].split(",")[1].split()[0])] = row["value"]
    ends = [mark[2] for mark in marks[1:]] + [spent]
    for (clients, _, start), end in zip(marks, ends):
        if clients in rates and end > start:
            print("| %d | %.0f | %.2f |" % (clients, rates[clients], (end - start) / (rates[clients] * seconds) * 1e5))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", default="1000,10000,50000")
    parser.add_argument("--seconds", type=float, default=6)
    options = parser.parse_args()
    memory_and_loss([int(step) for step in options.sessions.split(",")])
    subprocess.run(["scripts/cluster", "down"], stdout=subprocess.DEVNULL)
    acknowledgements(options.seconds)


main()
