"""What Schemathesis is told beside the description (scripts/fuzz-http): some of its made-up sessions and agents are real
ones, so that more is asked than what is not found, and no node is removed, replaced or drained for real, since nobody could
be asked anything after it."""
import os
import zlib

import schemathesis

SESSIONS = os.environ["FUZZ_SESSIONS"].split()
AGENTS = os.environ["FUZZ_AGENTS"].split()
NODES = os.environ["FUZZ_NODES"].split()


def drawn(case):
    """A number that follows from what was made up, so that a seed repeats it."""
    return zlib.crc32(repr((case.method, case.path_parameters, case.query, case.body)).encode())


@schemathesis.hook
def before_call(context, case, kwargs):
    draw = drawn(case)
    path, body = case.path_parameters, case.body
    if isinstance(path, dict) and str(path.get("session", "")).isdigit():
        # Most are left open for the others.
        if draw % 16 == 1 or (draw % 4 and not case.path.endswith("/close")):
            path["session"] = SESSIONS[draw // 16 % len(SESSIONS)]
    if isinstance(body, dict) and isinstance(body.get("agent"), str) and draw % 2:
        body["agent"] = AGENTS[draw // 2 % len(AGENTS)]
    if isinstance(path, dict) and path.get("name") in NODES:
        path["name"] += "-of-nobody"
    if isinstance(body, dict) and body.get("replaces") in NODES:
        body["replaces"] += "-of-nobody"
