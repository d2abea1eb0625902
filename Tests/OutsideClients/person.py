"""What a person at a terminal, and a script with a pipe, may expect of `switchboard chat` and the other commands.

Usage: person.py PROGRAM SECRET-FILE URL URL URL; of all scenarios, or of those that PERSON names.
"""

import contextlib, json, os, re, signal, subprocess, sys, termios

from screen import Screen

program, secret, urls = sys.argv[1], sys.argv[2], sys.argv[3:]
opened = []


def arguments(role, name, skill, *more, url=0):
    # Each scene has a session of its own, though that of the scene before may be open.
    if role == "customer" and "--session" not in more:
        more = ("--new", *more)
    return ["chat", "--role", role, "--as", name, "--skill", skill, "--url", urls[url], "--secret-file", secret, *more]


def terminal(role, name, skill, *more, url=0, **how):
    screen = Screen(program, arguments(role, name, skill, *more, url=url), **how)
    opened.append(screen)
    return screen


def run(words, text=""):
    done = subprocess.run([program, *words], input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=240)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def messages(session):
    code, out, err = run(["session", "messages", session, "--json", "--url", urls[0], "--secret-file", secret])
    assert code == 0, err
    return [json.loads(line)["body"] for line in out.splitlines()]


def number(screen):
    """The session that a customer's terminal tells."""
    screen.until("a session", lambda: re.search(r"session (\d+) is", "\n".join(screen.printed)))
    return re.search(r"session (\d+) is", "\n".join(screen.printed)).group(1)


def receiver():
    """A line goes to whom it was begun for."""
    anna = terminal("agent", "anna1", "receiver", url=1)
    anna.sees("you are online")
    # A line that was begun for nobody does not wait for a stranger.
    anna.send("for nobody\r")
    anna.sees("not sent: it is for nobody")
    carol = terminal("customer", "carol", "receiver")
    first = number(carol)
    anna.sees("session %s is yours" % first)
    anna.send("\r")
    anna.sees("not sent: it is for nobody", 2)
    anna.send("\x15")
    anna.shows("carol %s> " % first)
    anna.send("the password is ")
    anna.shows("carol %s> the password is " % first)
    dave = terminal("customer", "dave", "receiver", url=2)
    second = number(dave)
    anna.sees("session %s is yours" % second)
    anna.shows("carol %s> the password is " % first)
    anna.send("tulip\r")
    anna.sees("✓ #1")
    carol.sees("anna1: the password is tulip")
    # The other side closes while a line is typed: it is not sent, and stays.
    anna.send("and the number is ")
    carol.send("/close\r")
    carol.ends(0)
    anna.shows(r"carol %s \(gone\)> and the number is " % first)
    anna.send("7\r")
    anna.sees("is gone; the line stays")
    anna.shows(r"carol %s \(gone\)> and the number is 7" % first)
    # Nobody takes the place of the one who left; a word of the person gives the line to another one.
    anna.send("\x15")
    anna.shows("> ")
    # A paste of a terminal without brackets, many lines at once: none of them goes to anybody.
    anna.send("one\rtwo\r")
    anna.sees("not sent: it is for nobody", 4)
    anna.send("\x15/session dave\r")
    anna.shows("dave %s> " % second)
    anna.send("yes?")
    anna.shows(r"dave %s> yes\?" % second)
    anna.send("\r")
    dave.sees("anna1: yes?")
    assert messages(second) == ["yes?"], messages(second)
    assert messages(first) == ["the password is tulip"]
    # What is typed after the end is answered.
    anna.send("/close\r")
    dave.sees("was closed by")
    dave.send("hello?\r")
    dave.sees("not sent: the session is over")
    dave.send("\x15/open\r")
    dave.until("another session", lambda: "· session" in "".join(dave.printed[-6:]) and len(set(re.findall(r"session (\d+) is", "\n".join(dave.printed)))) > 1)
    dave.send("again\r")
    dave.sees("✓ #1")
    dave.send("\x04")
    dave.ends(0)
    anna.send("/quit\r")
    anna.ends(0)


def editing():
    """A line editor."""
    anna = terminal("agent", "anna2", "editing", url=1)
    anna.sees("you are online")
    ben = terminal("customer", "ben", "editing")
    session = number(ben)
    anna.shows("ben %s> " % session)
    # What comes does not land in what is typed.
    anna.send("hel")
    for place in range(3):
        ben.send("what %d 漢字 👍?\r" % place)
        anna.sees("ben: what %d 漢字 👍?" % place)
        anna.shows("ben %s> hel" % session)
    # What is one character for the eye is deleted by one key.
    for picture in ["👨‍👩‍👧", "🇩🇪", "❤️", "é", "漢", "👍🏽", "한"]:
        anna.send(picture)
        anna.send("\x7f")
        anna.shows("ben %s> hel" % session)
    anna.send("lo 漢字")
    anna.send("\x1b[D\x1b[D!\x1b[C?\x05.\x01> \x1b[3~")
    anna.shows("ben %s> > ello !漢\\?字\\." % session)
    anna.send("\r")
    ben.sees("anna2: > ello !漢?字.")
    # What was said before.
    anna.send("\x1b[A")
    anna.shows("ben %s> > ello !漢\\?字\\." % session)
    anna.send("\x1b[B")
    anna.shows("ben %s> " % session)
    # Many lines, one message.
    anna.send("\x1b[200~first\r\nsecond\nthird\x1b[201~")
    anna.shows("ben %s> first⏎second⏎third" % session)
    anna.send("\r")
    ben.sees("anna2: first")
    # No cut at 4,095 bytes.
    long = "".join(chr(97 + place % 26) for place in range(10000))
    anna.send(long)
    anna.send("\r")
    anna.sees("✓ #6")
    said = messages(session)
    assert said[4:] == ["first\nsecond\nthird", long], [len(body) for body in said]
    # Too long: it stays to be edited, and nothing is lost for it.
    anna.send("\x1b[200~" + "y" * 70000 + "\x1b[201~\r")
    anna.sees("not sent: too long (70,000 bytes; at most 16,384)")
    anna.send("\x03")
    anna.shows("ben %s> " % session)
    # Commands and names are completed.
    anna.send("/tr\t")
    anna.shows("ben %s> /transfer " % session)
    anna.send("\x15/se\t\t")
    anna.sees("/session  /sessions")
    anna.send("\x15/session b\t")
    anna.shows("ben %s> /session ben " % session)
    anna.send("\x15/sessions\r")
    anna.sees("in the queue")
    assert any("ben %s (here)" % session in line and "editing" in line for line in anna.printed)
    ben.send("still there?\r")
    anna.sees("ben: still there?")
    anna.send("/sessions\r")
    anna.sees("waits for an answer for")
    anna.send("/who\r")
    anna.sees("anna2 · online · 1 of 4 chats · editing")
    anna.send("/history 2\r")
    anna.sees("#7 ben: still there?")
    anna.send("/away\r")
    anna.sees("you are away")
    anna.send("/nonsense\r")
    anna.sees("/nonsense: it is no command")
    anna.send("\x15/transfer agent nobody\r")
    anna.sees("/transfer was not done: not_found")
    # A supervisor looks on.
    sue = terminal("supervisor", "sue", "none", "--session", session)
    sue.shows("ben %s> " % session)
    sue.send("/sessions\r")
    sue.sees("in the queue")
    sue.send("\x04")
    sue.ends(0)
    # A row that is too narrow for the line shows its end, and nothing is divided.
    anna.send("z" * 300)
    anna.until("the end of the line", lambda: "…" in anna.row and anna.row.endswith("zzz"))
    assert len(anna.rows[-1]) <= 80
    anna.send("\x03\x03")
    anna.ends(0)
    assert b"\x1b[?2004l" in anna.raw
    ben.send("\x04")
    ben.ends(0)


def dumb():
    """A terminal that obeys no sequences."""
    ben = terminal("customer", "ben", "dumb", term="dumb")
    session = number(ben)
    ben.until("the prompt", lambda: ben.row.startswith("%s> " % session))
    ben.send("hellp\x7fo\r")
    ben.sees("✓ #1")
    assert messages(session) == ["hello"]
    assert b"\x1b" not in ben.raw.replace(b"\x1b[", b"", 0) or b"\x1b[K" not in ben.raw
    ben.send("\x04")
    ben.ends(0)


def pipes():
    """A pipe, with a line that no node takes."""
    code, out, _ = run(arguments("customer", "pia", "pipes"), "first\n" + "x" * 70000 + "\nthird\n")
    assert "✓ #1 first" in out and "✓ #2 third" in out, out
    assert "not sent: too long (70,000 bytes; at most 16,384) · line 2" in out, out
    assert "connection lost" not in out, out
    assert code == 2, code
    code, out, _ = run(arguments("customer", "pia", "pipes"), "".join("line %d\n" % place for place in range(300)))
    assert code == 0 and "✓ #300 line 299" in out, out[-500:]
    # Nobody answers: the lines are given up, and said to be.
    words = ["chat", "--role", "customer", "--url", "http://127.0.0.1:1", "--secret-file", secret, "--give-up", "1s"]
    code, out, _ = run(words, "hello\n")
    assert code == 2 and "not sent: no node answered · " in out, (code, out)
    # An agent's pipe speaks to the first session that comes, and to nobody when none does.
    code, out, _ = run(arguments("agent", "ada", "pipes-nobody", "--give-up", "1s"), "hello\n")
    assert code == 2 and "not sent:" in out, (code, out)
    # A session that is none is told once.
    code, out, err = run(arguments("customer", "pia", "pipes", "--session", "nope"), "hello\n")
    assert code not in (0, None) and (out + err).count("nope") + (out + err).count("bad_frame") + (out + err).count("not_found") == 1, (code, out, err)


def leaving():
    """The terminal is left as it was found, whatever ends the program."""
    def isCooked(screen):
        return bool(termios.tcgetattr(screen.fd)[3] & termios.ICANON)

    ben = terminal("customer", "ben", "leaving")
    session = number(ben)
    ben.shows("%s> " % session)
    assert not isCooked(ben)
    os.kill(ben.pid, signal.SIGTERM)
    ben.until("the terminal as it was", lambda: b"\x1b[?2004l" in ben.raw)
    ben.ends(143)
    # Whoever reads the output has seen enough.
    words = " ".join("'%s'" % word for word in [program, *arguments("customer", "ben", "leaving")])
    shell = Screen("/bin/sh", ["-c", words + " | head -1; stty -a; read line; echo read: $line"])
    opened.append(shell)
    shell.sees("connected to")
    shell.until("the shell again", lambda: re.search(r"[^-]icanon", "".join(shell.printed)))
    shell.send("after\r")
    shell.sees("read: ")
    shell.ends(0)


def firstCome():
    """An agent's pipe speaks to the first session that comes."""
    pipe = subprocess.Popen([program, *arguments("agent", "fay", "first-come", "--stay", "2s", url=1)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        pipe.stdin.write(b"welcome\nhow can I help?\n")
        pipe.stdin.close()
        code, out, _ = run(arguments("customer", "carl", "first-come", "--stay", "20s"), "hello\n/sessions\n/history\n")
        assert code == 0 and "fay: welcome\n" in out and "fay: how can I help?" in out, out
        out = pipe.stdout.read().decode()
        assert pipe.wait(240) == 0 and "✓" in out and "carl: hello" in out, out
    finally:
        pipe.kill()
        pipe.wait()


def closed():
    """Whoever reads has seen enough."""
    code, out, _ = run(arguments("customer", "cleo", "closed"), "".join("line %d\n" % place for place in range(250)))
    session = re.search(r"session (\d+) is", out).group(1)
    configuration = secret.rsplit("/", 1)[0] + "/node1.json"
    for words in [
        ["session", "messages", session, "--url", urls[0], "--secret-file", secret],
        ["session", "messages", session, "--json", "--url", urls[0], "--secret-file", secret],
        ["cluster", "status", "--url", urls[0]],
        ["cluster", "status", "--json", "--url", urls[0]],
        ["config", "check", "--config", configuration],
        ["token", "--role", "customer", "--sub", "a", "--secret-file", secret],
        ["verify", "--help"], ["--help"], ["--version"], ["chat", "--help"], ["nonsense"],
        arguments("customer", "cleo", "closed"),
    ]:
        for first in (b"", b"x"):
            process = subprocess.Popen([program, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            if first:
                process.stdout.readline()
            process.stdout.close()
            err = process.stderr.read().decode()
            code = process.wait(240)
            assert code >= 0 and len(err.splitlines()) < 10 and "atal" not in err, (words, code, err[:2000])


def help():
    """Examples can be copied, and a word that is no command is an error."""
    for words in [["--help"], ["chat", "--help"], ["token", "--help"], ["cluster", "status", "--help"], ["begin", "--help"]]:
        whole = set(subprocess.run([program, *words], env={"COLUMNS": "10000"}, stdout=subprocess.PIPE).stdout.decode().split("\n"))
        page = subprocess.run([program, *words], env={"COLUMNS": "50"}, stdout=subprocess.PIPE).stdout.decode()
        examples = [line for line in page.split("USAGE:")[0].split("\n") if line.startswith("  ")]
        assert examples and all(line in whole for line in examples), page
        prose = [line for line in page.split("\n") if not line.startswith("  ") and not line.startswith("USAGE")]
        assert max(len(line) for line in prose) <= 60, page
    for words in [["nonsense"], ["nonsense", "--help"], ["cluster", "statsu"], ["cluster", "statsu", "-h"], ["help", "nonsense"]]:
        code, out, err = run(words)
        assert code == 64 and not out and "is no command" in err, (words, code, out, err)
    assert "Did you mean 'switchboard cluster status'?" in run(["cluster", "statsu"])[2]


failures = 0
for scenario in [help, pipes, firstCome, closed, leaving, dumb, receiver, editing]:
    if scenario.__name__ not in os.environ.get("PERSON", scenario.__name__).split(","):
        continue
    try:
        scenario()
    except (AssertionError, subprocess.TimeoutExpired) as error:
        failures += 1
        print("%s %s\n%s\n" % (scenario.__name__, scenario.__doc__, error))
    finally:
        for screen in opened:
            with contextlib.suppress(OSError):
                screen.kill()
        opened.clear()
if failures:
    sys.exit(1)
print("as a person expects")
