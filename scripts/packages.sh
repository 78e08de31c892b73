# Sourced by the scripts that install system packages. Debian and Ubuntu; elsewhere the packages are only named.
# shellcheck shell=bash

# What building handgrad takes, and what its tests take on top.
build_packages=(build-essential cmake ninja-build pkg-config libopenblas-openmp-dev liblapacke-dev zlib1g-dev
    libcjson-dev libpng-dev libjpeg-dev libzip-dev)
test_packages=(libcmocka-dev python3 python3-venv python3-dev mandoc zsh librsvg2-bin)

say() {
    printf '\n== %s\n' "$*"
}

die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Installs those of the packages that are missing; apt is not called where none is.
install_packages() {
    local package missing=() as_root=() log
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        echo "No apt-get here. If the build fails, install what Debian calls: $*"
        return
    fi
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    if [ ${#missing[@]} = 0 ]; then
        echo "all there: $*"
        return
    fi
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null ||
            die "these packages are missing: ${missing[*]}. Install them, or run this as root or where there is sudo."
        as_root=(sudo)
    fi
    echo "installing ${missing[*]}"
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    if ! { "${as_root[@]}" apt-get update && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        die "apt-get could not install ${missing[*]}; its last words are above, all of them in $log. Is there a network?"
    fi
    rm -f "$log"
}

# Fails in words where a compiler is missing or does not work, before CMake fails at length.
check_compiler() {
    local compiler=${CC:-cc} directory
    command -v "$compiler" >/dev/null || die "there is no C compiler: '$compiler' is not found. Install gcc, or set CC."
    directory=$(mktemp -d)
    echo 'int main(void) { return 0; }' >"$directory/probe.c"
    if ! "$compiler" -o "$directory/probe" "$directory/probe.c" 2>"$directory/log"; then
        cat "$directory/log" >&2
        rm -rf "$directory"
        die "the C compiler '$compiler' cannot build an empty program; its words are above."
    fi
    rm -rf "$directory"
}

# Configures and builds: build_in DIRECTORY CMAKE-OPTION... [-- TARGET...]; without targets, everything.
build_in() {
    local directory=$1 log=$1/configure.log options=() targets=()
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        options+=("$1")
        shift
    done
    [ $# -gt 1 ] && targets=(--target "${@:2}")
    mkdir -p "$directory"
    cmake -S . -B "$directory" -G Ninja "${options[@]}" >"$log" 2>&1 || {
        tail -n 30 "$log" >&2
        die "CMake could not configure $directory; its last words are above, all of them in $log."
    }
    cmake --build "$directory" "${targets[@]}" || die "$directory could not be built; the compiler's words are above."
}

# make_environment DIRECTORY REQUIREMENTS: a virtual environment with those packages, made anew where they have changed.
# By the first python3 that can make one, which not each of them can.
make_environment() {
    local environment=$1 requirements=$2 python=$1/bin/python3 candidate log
    if cmp -s "$requirements" "$environment/requirements.txt" && "$python" -c '' 2>/dev/null; then
        echo "all there: $environment"
        return
    fi
    rm -rf "$environment"
    for candidate in $(type -aP python3); do
        "$candidate" -c 'import ensurepip, venv' 2>/dev/null && "$candidate" -m venv "$environment" && break
    done
    [ -x "$python" ] || die "no python3 here can make a virtual environment; on Debian that takes python3-venv."
    log=$environment/install.log
    "$python" -m pip install --quiet --disable-pip-version-check -r "$requirements" >"$log" 2>&1 || {
        cat "$log" >&2
        die "pip could not install $requirements; its words are above. Is there a network?"
    }
    cp "$requirements" "$environment/requirements.txt"
    "$python" --version
}
