# Shared by quickstart.sh and test.sh: what winnow needs on Debian 12 and 13, and how it is built.
# Sourced, not run. Every step that fails says what to do.

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# Run as root, by sudo where we are not.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        sudo "$@"
    else
        die "This needs root: run it as root, or install sudo, or install by hand: $*"
    fi
}

build_packages="gcc g++ meson ninja-build pkg-config libavro-dev libcurl4-openssl-dev libjansson-dev libmicrohttpd-dev librdkafka-dev
    libseccomp-dev libsimdjson-dev libsodium-dev libsqlite3-dev libssl-dev libutf8proc-dev libyaml-dev libzstd-dev
    zlib1g-dev tzdata"

# Install those of the named packages that are missing; nothing to do is fast.
need_packages() {
    missing=
    for package in "$@"; do
        case $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) in
        *' installed') ;;
        *) missing="$missing $package" ;;
        esac
    done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null 2>&1 ||
        die "This script installs with apt-get (Debian 12 or 13). Install by hand what is named like:$missing"
    say "Installing:$missing"
    as_root apt-get update -qq || die "apt-get update failed: check the network and /etc/apt, then run this again."
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
        die "apt-get install failed: see the lines above, then run this again."
}

# Build into a folder: build DIR [meson option…]
build() {
    dir=$1
    shift
    if [ ! -e "$dir/build.ninja" ]; then
        rm -rf "$dir"
        meson setup "$dir" "$@" >"$dir.log" 2>&1 ||
            { tail -n 20 "$dir.log" >&2; die "meson setup failed: see $dir.log; remove $dir and run this again."; }
    fi
    ninja -C "$dir" >"$dir.log" 2>&1 ||
        { tail -n 30 "$dir.log" >&2; die "The build failed: see $dir.log."; }
    rm -f "$dir.log"
}
