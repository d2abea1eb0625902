"""A customer and an agent, written from docs/protocol.md alone: with Python's own library and nothing of this project.
Usage: bot.py HOST PORT SECRET_FILE. It prints what it has seen, and ends with 1 when that is not what the page says."""
import base64, hashlib, hmac, json, os, socket, struct, sys, time

host, port, secret = sys.argv[1], int(sys.argv[2]), open(sys.argv[3]).read().rstrip("\n")


def token(sub, role, seconds=600, **claims):
    part = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")
    claims |= {"sub": sub, "role": role, "name": sub.title(), "exp": int(time.time()) + seconds}
    text = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    return (text + b"." + part(hmac.new(secret.encode(), text, hashlib.sha256).digest())).decode()


class Client:
    def __init__(self, **hello):
        self.socket = socket.create_connection((host, port), timeout=120)
        self.file = self.socket.makefile("rb")
        # Behind another request of the same connection, as a proxy may send it.
        self.socket.sendall((f"GET /livez HTTP/1.1\r\nHost: {host}\r\n\r\n" f"GET /v1/connect HTTP/1.1\r\nHost: {host}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: v2.msg\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n").encode())
        while not self.file.readline().startswith(b"HTTP/1.1 101 "):
            pass
        while self.file.readline() != b"\r\n":
            pass
        self.say({"type": "hello", **hello})

    def say(self, frame):
        self.frame(1, frame.encode() if isinstance(frame, str) else json.dumps(frame).encode())

    def frame(self, opcode, data):
        size = bytes([128 | len(data)]) if len(data) < 126 else struct.pack("!BH", 254, len(data)) \
            if len(data) < 65536 else struct.pack("!BQ", 255, len(data))
        key = os.urandom(4)
        self.socket.sendall(bytes([128 | opcode]) + size + key + bytes(b ^ key[i & 3] for i, b in enumerate(data)))

    def read(self):
        first, second = self.file.read(2)
        size = second if second < 126 else struct.unpack("!H" if second == 126 else "!Q", self.file.read(2 if second == 126 else 8))[0]
        data = self.file.read(size)
        if first & 15 == 9:
            self.frame(10, data)
            return self.read()
        return {"type": "closed", "code": struct.unpack("!H", data[:2])[0]} if first & 15 == 8 else json.loads(data)

    def wait(self, type, **fields):
        while True:
            frame = self.read()
            if frame["type"] == type and all(frame.get(name) == value for name, value in fields.items()):
                print(frame, flush=True)
                return frame
            assert frame["type"] in ("event", "message", "ack", "resumed"), frame


agent = Client(token=token("ann", "agent", skills=["billing", {"skill": "refunds", "weight": 2.5}], capacity=2))
agent.wait("welcome", user="ann", role="agent")
agent.say({"type": "status", "id": "s1", "status": "online", "skills": [{"skill": "refunds", "weight": 0.5}], "capacity": 1.0})
agent.wait("ok", id="s1")
customer = Client(token=token("cy", "customer"))
customer.wait("welcome", role="customer")
customer.say('{"type":"open","id":"o1","skill":"refunds","attributes":{"order":12345678901234567890,"sum":1.0}}')
opened = customer.wait("opened", id="o1")
session = opened["session"]
assert opened["state"] == "active" and opened["agents"] == ["ann"] and opened["position"] == opened["eta_ms"] == 0
agent.wait("event", kind="assigned", session=session, agent="ann")
customer.say({"type": "send", "id": "m1", "session": session, "body": "hello \N{GRINNING FACE}"})
ack = customer.wait("ack", id="m1", seq=1)
assert abs(ack["time"] / 1000 - time.time()) < 600, "times are milliseconds since 1970"
agent.wait("message", session=session, seq=1, body="hello \N{GRINNING FACE}")
customer.say({"type": "send", "id": "m1", "session": session, "body": "hello \N{GRINNING FACE}"})
customer.wait("ack", id="m1", seq=1)
customer.say({"type": "send", "id": "m1", "session": session, "body": "something else"})
customer.wait("error", id="m1", code="conflict")
customer.say('{"type":"send","id":"m2","session":"%s","body":"half \\ud83d"}' % session)
customer.wait("error", id="m2", code="bad_frame")
customer.say({"type": "send", "id": "m3", "session": session, "body": "x" * 300_000})
customer.wait("error", id="m3", code="too_large")
agent.socket.close(), agent.file.close()
customer.say({"type": "send", "id": "m4", "session": session, "body": "are you there?"})
customer.wait("ack", id="m4", seq=2)
agent = Client(token=token("ann", "agent"), resume=[{"session": "nope"}, {"session": session, "after": 1}])
agent.wait("welcome")
seen = []
while len(seen) < 3:
    seen += [frame for frame in [agent.read()] if frame["type"] != "event"]
seen.sort(key=lambda frame: frame["type"])
assert [frame["type"] for frame in seen] == ["error", "message", "resumed"], seen
assert seen[0]["session"] == "nope" and seen[0]["code"] == "not_found" and seen[1]["seq"] == 2 and seen[2]["recovered"]
agent.say({"type": "send", "id": "a1", "session": session, "body": "I am"})
agent.wait("ack", id="a1", seq=3)
customer.wait("message", session=session, seq=3, role="agent", body="I am")
again = Client(token=token("ann", "agent"))
again.wait("welcome"), again.say({"type": "status", "id": "s2", "status": "online"}), again.wait("ok", id="s2")
again.wait("event", kind="assigned", session=session, agent="ann")
for seq in 1, 2, 3:
    again.wait("message", session=session, seq=seq)
customer.say({"type": "sessions", "id": "l1"})
own = customer.wait("sessions", id="l1", more=False)["sessions"]
assert [(one["session"], one["state"], one["seq"]) for one in own] == [(session, "active", 3)], own
customer.say({"type": "history", "id": "h1", "session": session, "after": 0, "limit": 1e1})
assert [line["seq"] for line in customer.wait("history", id="h1", more=False)["messages"]] == [1, 2, 3]
customer.say({"type": "hello", "id": "t1", "token": token("cy", "customer", seconds=20)})
customer.wait("ok", id="t1")
assert customer.wait("token_expires")["in_ms"] <= 5000
customer.say({"type": "hello", "id": "t2", "token": token("somebody", "customer")})
customer.wait("error", id="t2", code="forbidden")
customer.say({"type": "hello", "id": "t3", "token": token("cy", "customer", seconds=-60)})
customer.wait("error", id="t3", code="unauthorized")
customer.say({"type": "hello", "id": "t4", "token": token("cy", "customer")})
customer.wait("ok", id="t4")
customer.say({"type": "close", "id": "c1", "session": session, "reason": "done"})
customer.wait("ok", id="c1")
agent.wait("event", kind="closed", session=session, by="cy")
late = Client(token=token("cy", "customer", seconds=-3600))
late.wait("error", code="unauthorized"), late.wait("closed", code=4501)
print("as the page says")
