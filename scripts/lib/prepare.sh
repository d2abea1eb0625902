# Sourced by the scripts: what a machine needs before anything can be built. Installs what is missing.

# say TEXT... : to standard error, so that output stays for machines
say() { printf '%s\n' "$*" >&2; }

# need_swift : puts a Swift 6.3 or newer in PATH, or says how to get one
need_swift() {
    local place version
    if ! command -v swift >/dev/null 2>&1; then
        for place in /opt/swift/usr/bin /usr/share/swift/usr/bin "$HOME/.local/share/swiftly/bin" /usr/local/swift/usr/bin; do
            if [ -x "$place/swift" ]; then
                PATH=$place:$PATH
                export PATH
                break
            fi
        done
    fi
    if ! command -v swift >/dev/null 2>&1; then
        say "There is no swift on this machine. Install Swift 6.3 (https://www.swift.org/install/linux/) and have its"
        say "usr/bin in PATH, or unpack it as /opt/swift; then run this again."
        return 1
    fi
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -1)
    set -- $version
    if [ -z "${1:-}" ] || [ "$1" -lt 6 ] || { [ "$1" -eq 6 ] && [ "$2" -lt 3 ]; }; then
        say "swift is here, but its version is ${1:-unknown}.${2:-}: Switchboard needs 6.3 or newer"
        say "(https://www.swift.org/install/linux/)."
        return 1
    fi
}

# need_tools COMMAND=PACKAGE... : installs the Debian packages of commands that are missing. A command with a slash
# is a file that has to exist.
need_tools() {
    local pair name missing=""
    for pair in "$@"; do
        name=${pair%%=*}
        case $name in
        */*) [ -e "$name" ] || missing="$missing ${pair#*=}" ;;
        *) command -v "$name" >/dev/null 2>&1 || missing="$missing ${pair#*=}" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        say "Missing:$missing. Install them with this system's package manager, then run this again."
        return 1
    fi
    local sudo=""
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            say "Missing:$missing. Install them as root: apt-get install$missing"
            return 1
        fi
        sudo=sudo
    fi
    say "Installing:$missing"
    # The lists may be missing or stale on a fresh machine.
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq $missing >/dev/null 2>&1 ||
        { $sudo apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq $missing >&2; }
}

# need_all : what building, testing and running take
need_all() {
    need_tools git=git openssl=openssl curl=curl python3=python3 &&
        need_swift
}
