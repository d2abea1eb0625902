"""A small terminal: a program in a pseudo-terminal, and what a person would see of it."""

import fcntl, os, pty, re, select, signal, struct, termios, time, unicodedata

DEADLINE = 120


def width(text):
    if len(text) > 1 and not text.isascii():
        return 2
    if unicodedata.combining(text) or text in "\u200d\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(text) in "WF" else 1


class Screen:
    """Cells of the rows, with the few sequences that the program uses. Rows above the last are what was printed."""

    def __init__(self, program, arguments, columns=80, term="xterm-256color", directory=None):
        self.columns = columns
        self.rows, self.at, self.saved, self.wraps = [[]], 0, 0, True
        self.raw = b""
        self.code = None
        self.pending = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = term
            os.environ.pop("NO_COLOR", None)
            if directory:
                os.chdir(directory)
            os.execv(program, [program] + arguments)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def send(self, text):
        data = text.encode() if isinstance(text, str) else text
        while data:
            # The program may print so much that it does not read.
            self.pump(0)
            _, writable, _ = select.select([], [self.fd], [], 0.1)
            if writable:
                data = data[os.write(self.fd, data[:512]) :]

    def pump(self, patience=0.05):
        while self.code is None:
            readable, _, _ = select.select([self.fd], [], [], patience)
            if not readable:
                return
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            if not data:
                _, status = os.waitpid(self.pid, 0)
                self.code = os.waitstatus_to_exitcode(status)
                return
            self.raw += data
            self.feed(data)
            patience = 0

    def feed(self, data):
        data = self.pending + data
        # What is not complete waits for the rest.
        text, self.pending = data, b""
        for cut in range(0, 4):
            try:
                text = data[: len(data) - cut].decode()
                self.pending = data[len(data) - cut :]
                break
            except UnicodeDecodeError:
                continue
        tail = re.search(r"\x1b(\[[0-9;?]*)?$", text)
        if tail:
            self.pending = text[tail.start() :].encode() + self.pending
            text = text[: tail.start()]
        for token in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b.|(?s:.)", text):
            self.obey(token)

    def obey(self, token):
        row = self.rows[-1]
        if token == "\r":
            self.at = 0
        elif token == "\n":
            self.rows.append([])
        elif token == "\x1b[K":
            del row[self.at :]
        elif token == "\x1b7":
            self.saved = self.at
        elif token == "\x1b8":
            self.at = self.saved
        elif token == "\x1b[?7l":
            self.wraps = False
        elif token == "\x1b[?7h":
            self.wraps = True
        elif token == "\x1b[2J":
            self.rows[-1] = []
        elif token.startswith("\x1b") or token == "\x07":
            pass
        else:
            # A mark belongs to the cell before it, and so does what a joiner joins.
            before = row[self.at - 1] if 0 < self.at <= len(row) else ""
            if width(token) == 0 or before.endswith("\u200d"):
                if before:
                    row[self.at - 1] += token
                return
            if self.at >= self.columns:
                if not self.wraps:
                    self.at = self.columns - 1
                else:
                    self.rows.append([])
                    self.at = 0
                    row = self.rows[-1]
            while len(row) < self.at:
                row.append(" ")
            row[self.at : self.at + 1] = [token]
            self.at += 1

    @property
    def row(self):
        """The row in which is typed."""
        return "".join(self.rows[-1])

    @property
    def printed(self):
        return ["".join(row) for row in self.rows[:-1]]

    def until(self, what, condition):
        end = time.monotonic() + DEADLINE
        while not condition():
            self.pump()
            if condition():
                return
            if time.monotonic() > end or self.code is not None and not condition():
                raise AssertionError(
                    "%s is waited for in vain (exit code %s); the row is %r, and above it\n  %s"
                    % (what, self.code, self.row, "\n  ".join(self.printed[-15:]))
                )

    def sees(self, text, count=1):
        self.until("%r" % text, lambda: "".join(self.printed).count(text) >= count)

    def shows(self, pattern):
        self.until("the row %r" % pattern, lambda: re.fullmatch(pattern, self.row))

    def ends(self, code):
        end = time.monotonic() + DEADLINE
        while self.code is None and time.monotonic() < end:
            self.pump()
        assert self.code == code, "exit code %s instead of %s:\n%s" % (self.code, code, "\n".join(self.printed[-15:]))

    def kill(self):
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.code = -9
        os.close(self.fd)
