#!/usr/bin/env bats
# The other names that --enable-inotifywait-link asks for.

load helpers

top_builddir=${top_builddir:-$BATS_TEST_DIRNAME/..}

# to_place TARGET NAMES: make TARGET, as if configure had set these names.
to_place() {
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$top_builddir" "$1" LINK_NAMES="$2" \
        prefix=/usr DESTDIR="$PWD/place" bindir=/usr/bin mandir=/usr/share/man >/dev/null 3>&-
}

links() { find place -type l -printf '%P -> %l\n' | sort; }

@test "the links for the names of inotify-tools are installed, work, and are removed again" {
    to_place install 'inotifywait inotifywatch'
    [[ $(links) == 'usr/bin/inotifywait -> pywatch
usr/bin/inotifywatch -> pywatch
usr/share/man/man1/inotifywait.1 -> pywatch.1
usr/share/man/man1/inotifywatch.1 -> pywatch.1' ]]
    PYWATCH=$PWD/place/usr/bin/inotifywait
    finished -d d
    expect_status 1
    [[ $(cat "$ERR") == '-o must be specified with -d.' ]]
    to_place uninstall 'inotifywait inotifywatch'
    [[ -z $(find place ! -type d) ]]
}

@test "without them there is no link" {
    to_place install ''
    [[ -z $(links) && -x place/usr/bin/pywatch ]]
}
