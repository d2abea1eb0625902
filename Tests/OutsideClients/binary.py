"""A customer and an agent who speak binary frames, written from docs/protocol.md alone: with Python's own library and nothing of
this project. The customer goes from one node to another in between.
Usage: binary.py SECRET_FILE HOST:PORT HOST:PORT. It prints what it has seen, and ends with 1 when that is not what the page says."""
import base64, hashlib, hmac, json, os, socket, struct, sys, time

secret, nodes = open(sys.argv[1]).read().rstrip("\n"), [node.rsplit(":", 1) for node in sys.argv[2:4]]

HELLO, PING, PONG, RECEIVED = 1, 2, 3, 4
OPEN, JOIN, SEND, READ, TYPING, STATUS, HISTORY, SESSIONS, CLOSE, TRANSFER, RATE = 16, 17, 18, 19, 20, 21, 22, 23, 32, 33, 34

# What a server says: its fields by number, and how each is written.
MESSAGE = {2: ("seq", "varint"), 3: ("id", "text"), 4: ("from", "text"), 5: ("role", "varint"), 6: ("name", "text"),
    7: ("kind", "varint"), 8: ("body", "text"), 9: ("time", "varint")}
NODE = {1: ("id", "text"), 2: ("client_url", "text")}
LIMITS = {1: ("body_bytes", "varint"), 2: ("frame_bytes", "varint")}
OWN = {1: ("session", "varint"), 2: ("state", "text"), 3: ("seq", "varint"), 4: ("position", "varint"), 5: ("eta_ms", "varint"),
    6: ("agents", ["text"]), 7: ("channel", "text"), 8: ("skill", "text"), 9: ("opened_at", "varint"), 10: ("updated_at", "varint")}
SAID = {
    3: ("pong", {}),
    192: ("welcome", {1: ("connection", "text"), 2: ("node", "text"), 3: ("user", "text"), 4: ("role", "varint"),
        5: ("heartbeat_ms", "varint"), 6: ("nodes", [NODE]), 7: ("limits", LIMITS), 8: ("time", "varint")}),
    193: ("opened", {1: ("session", "varint"), 2: ("state", "text"), 3: ("position", "varint"), 4: ("eta_ms", "varint"), 5: ("agents", ["text"])}),
    194: ("joined", {1: ("session", "varint"), 2: ("state", "text"), 3: ("seq", "varint")}),
    195: ("resumed", {1: ("session", "varint"), 2: ("recovered", "varint")}),
    196: ("ack", {1: ("session", "varint"), 2: ("seq", "varint"), 3: ("time", "varint")}),
    197: ("ok", {}),
    198: ("message", {1: ("session", "varint"), **MESSAGE, 10: ("resent", "varint")}),
    199: ("event", {1: ("session", "varint"), 2: ("kind", "varint"), 3: ("fields", "record")}),
    200: ("history", {1: ("session", "varint"), 2: ("messages", [MESSAGE]), 3: ("more", "varint")}),
    201: ("sessions", {1: ("sessions", [OWN]), 2: ("more", "varint")}),
    202: ("error", {1: ("session", "text"), 2: ("code", "text"), 3: ("message", "text"), 4: ("retry_after_ms", "varint")}),
    203: ("goaway", {1: ("reason", "text"), 2: ("node", "text"), 3: ("client_url", "text"), 4: ("reconnect_after_ms", "varint")}),
    204: ("token_expires", {1: ("in_ms", "varint")}),
}
EVENTS = {
    1: ("rated", {1: ("by", "text"), 2: ("score", "varint"), 3: ("comment", "text")}),
    101: ("queued", {1: ("position", "varint"), 2: ("eta_ms", "varint")}),
    102: ("assigned", {1: ("agent", "text"), 2: ("name", "text")}),
    104: ("closed", {1: ("by", "text"), 2: ("reason", "text")}),
}


def varint(value):
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def text(value):
    data = value.encode()
    return varint(len(data)) + data


def record(fields):
    """{number: bytes of the value}"""
    return b"".join(varint(number) + varint(len(value)) + value for number, value in sorted(fields.items()))


class Reader:
    def __init__(self, data):
        self.data, self.place = data, 0

    def varint(self):
        value = shift = 0
        while True:
            byte = self.data[self.place]
            self.place += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    def bytes(self):
        length = self.varint()
        self.place += length
        assert self.place <= len(self.data)
        return self.data[self.place - length:self.place]

    def value(self, form):
        if form == "varint":
            return self.varint()
        if form == "text":
            return self.bytes().decode()
        if form == "record":
            return self.bytes()
        if isinstance(form, list):
            return [self.value(form[0]) for _ in range(self.varint())]
        return fields(self.bytes(), form)


def fields(data, forms):
    reader, found = Reader(data), {}
    while reader.place < len(data):
        number, value = reader.varint(), Reader(reader.bytes())
        # What is not known is of a newer server.
        if number in forms:
            name, form = forms[number]
            found[name] = value.value(form)
            assert value.place == len(value.data), (number, data)
    return found


def token(sub, role, seconds=600, **claims):
    part = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")
    claims |= {"sub": sub, "role": role, "name": sub.title(), "exp": int(time.time()) + seconds}
    words = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    return (words + b"." + part(hmac.new(secret.encode(), words, hashlib.sha256).digest())).decode()


class Client:
    def __init__(self, node, token, resume=(), receipts=False):
        host, port = nodes[node]
        self.socket = socket.create_connection((host, int(port)), timeout=120)
        self.file = self.socket.makefile("rb")
        self.socket.sendall((f"GET /v1/connect HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: v2.msg\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n").encode())
        assert self.file.readline().startswith(b"HTTP/1.1 101 ")
        while self.file.readline() != b"\r\n":
            pass
        points = b"".join(varint(len(point)) + point for point in (record({1: varint(s), 2: varint(a)}) for s, a in resume))
        self.say(HELLO, None, {1: text(token), 2: varint(int(receipts)), 3: varint(len(resume)) + points})

    def say(self, type, id=None, values={}):
        payload = record(values if id is None else {0: text(id), **values})
        self.frame(2, struct.pack("!IBBQ", len(payload), 1, type, int(time.time() * 1000)) + payload)

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
        if first & 15 == 8:
            return {"type": "closed", "code": struct.unpack("!H", data[:2])[0]}
        assert first & 15 == 2, "whoever says hello in a binary frame is spoken to in those"
        length, version, number, at = struct.unpack("!IBBQ", data[:14])
        assert length == len(data) - 14 and version == 1 and abs(at / 1000 - time.time()) < 600
        name, forms = SAID.get(number, ("unknown", {}))
        said = {"type": name, **fields(data[14:], {0: ("id", "text"), **forms})}
        if name == "event":
            kind, forms = EVENTS.get(said["kind"], (said["kind"], {}))
            said |= {"kind": kind, **fields(said.pop("fields"), forms)}
        return said

    def wait(self, type, **expected):
        while True:
            said = self.read()
            if said["type"] == type and all(said.get(name) == value for name, value in expected.items()):
                print(said, flush=True)
                return said
            assert said["type"] in ("event", "message", "ack", "resumed"), said


agent = Client(1, token("ann", "agent", skills=["refunds"], capacity=2))
assert agent.wait("welcome", user="ann", role=1)["limits"]["body_bytes"] > 0
agent.say(STATUS, "s1", {1: varint(1), 2: varint(1) + text("refunds") + varint(500), 3: varint(2)})
agent.wait("ok", id="s1")
customer = Client(0, token("cy", "customer"), receipts=True)
welcome = customer.wait("welcome", role=0)
assert len(welcome["nodes"]) == 3 and all(node["client_url"] for node in welcome["nodes"]), welcome
customer.say(OPEN, "o1", {2: text("refunds"), 5: varint(1) + text("order") + text('{"n":12345678901234567890}')})
opened = customer.wait("opened", id="o1", state="active", agents=["ann"])
session = opened["session"]
agent.wait("event", kind="assigned", session=session, agent="ann")
one = varint(session)
customer.say(SEND, "m1", {1: one, 2: text("hello \N{GRINNING FACE}")})
ack = customer.wait("ack", id="m1", session=session, seq=1)
assert abs(ack["time"] / 1000 - time.time()) < 600
agent.wait("message", session=session, seq=1, body="hello \N{GRINNING FACE}", role=0, kind=0, **{"from": "cy"})
customer.say(SEND, "m1", {1: one, 2: text("hello \N{GRINNING FACE}")})
customer.wait("ack", id="m1", seq=1)
customer.say(SEND, "m1", {1: one, 2: text("something else")})
customer.wait("error", id="m1", code="conflict")
customer.say(SEND, "m2", {1: one, 2: b"\x01\xff"})
customer.wait("error", id="m2", code="bad_frame")
customer.say(SEND, "m3", {1: one, 2: text("x" * 300_000)})
customer.wait("error", id="m3", code="too_large")
customer.say(190, "n1")
customer.wait("error", id="n1", code="unsupported")
customer.frame(1, b'{"type":"ping","id":"p1"}')
customer.wait("error", id="p1", code="unsupported")
customer.say(PING, "p2")
customer.wait("pong", id="p2")
customer.say(TYPING, None, {1: one, 2: varint(1)})
customer.say(RECEIVED, None, {1: one, 2: varint(1)})
agent.say(SEND, "a1", {1: one, 2: text("how are you?")})
agent.wait("ack", id="a1", seq=2)
customer.wait("message", session=session, seq=2, role=1)
customer.say(RECEIVED, None, {1: one, 2: varint(2)})
customer.say(HELLO, "t1", {1: text(token("cy", "customer"))})
customer.wait("ok", id="t1")

# To the other node, which knows what was missed.
customer.socket.close(), customer.file.close()
agent.say(SEND, "a2", {1: one, 2: text("are you there?")})
agent.wait("ack", id="a2", seq=3)
customer = Client(1, token("cy", "customer"), resume=[(session, 2), (0, 0)])
customer.wait("welcome", user="cy")
seen = []
while len(seen) < 3:
    seen += [said for said in [customer.read()] if said["type"] != "event"]
seen.sort(key=lambda said: said["type"])
assert [said["type"] for said in seen] == ["error", "message", "resumed"], seen
assert seen[0]["session"] == "0" and seen[0]["code"] == "not_found" and seen[1]["seq"] == 3 and seen[2]["recovered"] == 1, seen
customer.say(SEND, "m4", {1: one, 2: text("I am")})
customer.wait("ack", id="m4", seq=4)
customer.say(HISTORY, "h1", {1: one, 2: varint(0), 5: varint(10)})
history = customer.wait("history", id="h1", session=session, more=0)["messages"]
assert [(line["seq"], line["from"]) for line in history] == [(1, "cy"), (2, "ann"), (3, "ann"), (4, "cy")], history
customer.say(SESSIONS, "l1")
own = customer.wait("sessions", id="l1", more=0)["sessions"]
assert [(line["session"], line["state"], line["seq"], line["agents"]) for line in own] == [(session, "active", 4, ["ann"])], own
customer.say(RATE, "r1", {1: one, 2: varint(6)})
assert "score" in customer.wait("error", id="r1", code="bad_frame")["message"]
# A field that this server does not know is of a newer client. A young cluster does not know yet that all its nodes can do this.
done = False
while not done:
    customer.say(RATE, "r2", {1: one, 2: varint(5), 3: text("thank you"), 99: b"later"})
    said = customer.read()
    while said["type"] == "event":
        said = customer.read()
    done = said == {"type": "ok", "id": "r2"}
    assert done or said["id"] == "r2" and said["code"] == "upgrading", said
    time.sleep(said.get("retry_after_ms", 0) / 1000)
agent.wait("event", kind="rated", session=session, by="cy", score=5, comment="thank you")
customer.say(CLOSE, "c1", {1: one, 2: text("done")})
customer.wait("ok", id="c1")
agent.wait("event", kind="closed", session=session, by="cy", reason="done")
late = Client(0, token("cy", "customer", seconds=-3600))
late.wait("error", code="unauthorized"), late.wait("closed", code=4501)
print("as the page says")
