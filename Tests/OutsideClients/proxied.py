"""Clients of several addresses behind a proxy, with Python's own library and nothing of this project: HTTP and WebSockets over
connections that the proxy keeps and shares, and limits that count each client for itself. The nodes allow two WebSockets of one
address. Usage: proxied.py PORT SECRET_FILE DIRECT_PORT"""
import base64, hashlib, hmac, json, os, socket, struct, sys, time

port, secret, direct = int(sys.argv[1]), open(sys.argv[2]).read().rstrip("\n"), int(sys.argv[3])


def token(sub, role):
    part = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")
    claims = {"sub": sub, "role": role, "name": sub.title(), "exp": int(time.time()) + 600}
    text = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    return (text + b"." + part(hmac.new(secret.encode(), text, hashlib.sha256).digest())).decode()


class Client:
    """One connection from an address of the loopback network."""

    def __init__(self, address, port=port):
        deadline = time.time() + 120
        while True:
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), timeout=120, source_address=(address, 0))
                break
            except ConnectionRefusedError:
                # The proxy is not up yet.
                assert time.time() < deadline
                time.sleep(0.05)
        self.file = self.socket.makefile("rb")

    def head(self):
        status = int(self.file.readline().split()[1])
        fields = {}
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, value = line.decode().split(":", 1)
            fields[name.strip().lower()] = value.strip()
        return status, fields

    def get(self, path, method="GET", *fields):
        self.socket.sendall("\r\n".join([f"{method} {path} HTTP/1.1", "Host: chat", *fields, "", ""]).encode())
        status, fields = self.head()
        if fields.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.file.readline(), 16):
                body += self.file.read(size)
                self.file.readline()
            self.file.readline()
        else:
            body = self.file.read(int(fields.get("content-length", 0)) if method != "HEAD" else 0)
        return status, body.decode()

    def upgrade(self, *fields):
        self.socket.sendall("\r\n".join(["GET /v1/connect HTTP/1.1", "Host: chat", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", *fields, "", ""]).encode())
        status, fields = self.head()
        return status if status == 101 else (status, self.file.read(int(fields.get("content-length", 0))).decode())

    def say(self, frame):
        data, key = json.dumps(frame).encode(), os.urandom(4)
        size = bytes([128 | len(data)]) if len(data) < 126 else struct.pack("!BH", 254, len(data))
        self.socket.sendall(b"\x81" + size + key + bytes(b ^ key[i & 3] for i, b in enumerate(data)))

    def wait(self, type):
        while True:
            first, second = self.file.read(2)
            size = second if second < 126 else struct.unpack("!H", self.file.read(2))[0]
            data = self.file.read(size)
            if first & 15 == 1:
                frame = json.loads(data)
                if frame["type"] == type:
                    return frame
                assert frame["type"] == "event", frame

    def leave(self):
        self.file.close(), self.socket.close()


# The proxy has found its nodes.
deadline = time.time() + 120
while Client("127.0.0.1").get("/livez")[0] != 200:
    assert time.time() < deadline
    time.sleep(0.1)

# Requests of several clients, one behind the other over what the proxy keeps open, and WebSockets among them.
for round in range(6):
    address = f"127.0.1.{round + 1}"
    plain = Client(address)
    for method, path, expected in [("GET", "/livez", 200), ("HEAD", "/livez", 200), ("GET", "/nothing", 404),
                                   ("GET", "/openapi.json", 200), ("GET", "/v1/agents", 401)]:
        assert plain.get(path, method)[0] == expected, (method, path)
    chat = Client(address)
    assert chat.upgrade() == 101
    chat.say({"type": "hello", "token": token(f"c{round}", "customer")})
    assert chat.wait("welcome")["user"] == f"c{round}"
    chat.say({"type": "open", "id": "o", "skill": "none"})
    session = chat.wait("opened")["session"]
    chat.say({"type": "send", "id": "m", "session": session, "body": "hello"})
    assert chat.wait("ack")["seq"] == 1
    assert plain.get("/livez")[0] == 200
    plain.leave(), chat.leave()
print("HTTP and WebSockets go through", flush=True)

# Two of one address, and no third, whatever it claims; others come in all the same.
full = [Client("127.0.0.2"), Client("127.0.0.2")]
assert [client.upgrade() for client in full] == [101, 101]
for fields in [[], ["X-Forwarded-For: 9.9.9.9"], ["Forwarded: for=9.9.9.9"], ["X-Forwarded-For: 9.9.9.9", "Forwarded: for=9.9.9.9"]]:
    status, body = Client("127.0.0.2").upgrade(*fields)
    assert status == 429 and "Your address has 2 connections" in body, (status, body)
other = [Client("127.0.0.3"), Client("127.0.0.3")]
assert [client.upgrade() for client in other] == [101, 101]
for client in full:
    client.leave()
deadline = time.time() + 120
while Client("127.0.0.2").upgrade() != 101:
    assert time.time() < deadline
    time.sleep(0.1)
print("limits count clients", flush=True)

# Nobody but a proxy is believed.
if direct:
    claims = [[f"X-Forwarded-For: 9.9.9.{number}", f"Forwarded: for=9.9.9.{number}"] for number in range(3)]
    answers = []
    strangers = [Client("127.0.0.4", direct) for _ in claims]
    for client, fields in zip(strangers, claims):
        answers.append(client.upgrade(*fields))
    assert answers[:2] == [101, 101] and answers[2][0] == 429, answers
    print("strangers are not believed", flush=True)
print("as it should be")
