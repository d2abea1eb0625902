# Sourced by the scripts: what a machine needs before anything can be built. Installs what is missing.

# say TEXT... : to standard error, so that output stays for machines
say() { printf '%s\n' "$*" >&2; }

SWIFT_WANTED=6.3

# How programs are built for release, the same way by all scripts, so that none builds again what another has built. With
# Swift's runtime inside they run on machines without Swift.
RELEASE=(-c release)
if [ "$(uname -s)" = Linux ]; then RELEASE+=(--static-swift-stdlib); fi

# How programs and tests are built that are run once and thrown away, as CI does (SWITCHBOARD_BUILD_ONCE=1): each module as a
# whole, without what debuggers read. Whoever builds again after an edit is better off without.
DEBUG=()
if [ "${SWITCHBOARD_BUILD_ONCE:-}" = 1 ]; then
    DEBUG=(-debug-info-format none -Xswiftc -whole-module-optimization -Xswiftc -num-threads -Xswiftc 2)
    RELEASE+=(-debug-info-format none)
fi

# swift_build ARGUMENTS... : `swift build`, with an allocator that spares the compilers a sixth of their time, where there is one.
# SWITCHBOARD_BUILD_BEHIND is a command in front of it.
swift_build() {
    local library preload=()
    for library in /usr/lib/*/libmimalloc.so.2 /usr/lib64/libmimalloc.so.2; do
        if [ -e "$library" ]; then preload=("LD_PRELOAD=$library"); fi
    done
    # shellcheck disable=SC2086
    env "${preload[@]}" ${SWITCHBOARD_BUILD_BEHIND:-} swift build "$@"
}

# may_install_swift : whether somebody who was asked has said yes
may_install_swift() {
    local answer
    [ "${SWITCHBOARD_YES:-}" != 1 ] || return 0
    [ -t 0 ] && [ -t 2 ] || return 1
    printf 'There is no swift on this machine. Get Swift %s by the official installer (swiftly, 3 GB)? [y/N] ' \
        "$SWIFT_WANTED" >&2
    read -r answer
    case $answer in [yY] | [yY][eE][sS]) ;; *) return 1 ;; esac
}

# install_swift : by swiftly, which checks signatures; https://www.swift.org/install/linux/
install_swift() {
    local work home=${SWIFTLY_HOME_DIR:-$HOME/.local/share/swiftly}
    need_tools curl=curl gpg=gnupg tar=tar /etc/ssl/certs/ca-certificates.crt=ca-certificates || return 1
    work=$(mktemp -d) || return 1
    say "Getting Swift $SWIFT_WANTED from https://download.swift.org ..."
    if curl -fsSL --retry 3 -o "$work/swiftly.tar.gz" \
        "https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz" &&
        tar -xzf "$work/swiftly.tar.gz" -C "$work" &&
        "$work/swiftly" init --assume-yes --skip-install --no-modify-profile --quiet-shell-followup >&2 &&
        . "$home/env.sh" &&
        swiftly install --assume-yes --use --post-install-file="$work/packages" "$SWIFT_WANTED" >&2 &&
        after_swift "$work/packages"; then
        rm -rf "$work"
        hash -r
        say "Swift is in $home; shells of yours have it after: . $home/env.sh"
        return 0
    fi
    rm -rf "$work"
    say "Swift could not be installed (see above). By hand: https://www.swift.org/install/linux/"
    return 1
}

# after_swift FILE : what swiftly says that the system needs beside it
after_swift() {
    local sudo=""
    [ -s "$1" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then sudo=sudo; fi
    $sudo sh "$1" >&2
}

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
        if ! may_install_swift; then
            say "There is no swift on this machine. Swift $SWIFT_WANTED or newer is needed, in one of these ways:"
            say "  SWITCHBOARD_YES=1 ${0#"$PWD"/} ...   gets it by the official installer, into ~/.local/share/swiftly (3 GB)"
            say "  https://www.swift.org/install/linux/   by hand: have its usr/bin in PATH, or unpack it as /opt/swift"
            say "  SWITCHBOARD_BINARY=FILE scripts/cluster up   runs a switchboard that was built elsewhere"
            return 1
        fi
        install_swift || return 1
    fi
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -1)
    set -- $version
    if [ -z "${1:-}" ] || [ "$1" -lt 6 ] || { [ "$1" -eq 6 ] && [ "$2" -lt 3 ]; }; then
        say "swift is here, but its version is ${1:-unknown}.${2:-}: Switchboard needs 6.3 or newer"
        say "(https://www.swift.org/install/linux/)."
        return 1
    fi
    # What the archive is built with.
    [ "$(uname -s)" != Linux ] || need_tools /usr/include/sqlite3.h=libsqlite3-dev
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
    need_parts && need_swift
}

# need_parts : the same but for Swift, for a program that was built elsewhere
need_parts() {
    need_tools git=git openssl=openssl curl=curl python3=python3
}
