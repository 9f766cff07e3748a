#!/usr/bin/env bats
# Storms by several processes at once, and what pywatch said of them replayed and compared with the
# disk (tests/storm/run). `make storm SECONDS=600` goes on for longer, at all paces.

bats_require_minimum_version 1.5.0
load helpers

# storms ARGUMENT...: the seeds are printed, so that a storm can be had again.
storms() {
    local top=${top_builddir:-..}

    run -0 env STORM_BIN="$top/tests/storm" timeout 240 \
        "${top_srcdir:-..}/tests/storm/run" --fs "$BATS_TEST_TMPDIR" "$@"
    echo "# ${lines[-1]}" >&3
}

@test "storms of fixed seeds: what was told is what is there" {
    storms --seed 1 --seeds 5 --seconds 3 --pace 1000
}

@test "storms of random seeds" {
    storms --seeds 5 --seconds 3 --pace 1000
}

@test "storms that begin before pywatch does, with --initial" {
    storms --initial --seed 1 --seeds 4 --seconds 3 --pace 1000
}

# starts ARGUMENT...: storms while set-up lasts, and then every directory is asked for.
starts() {
    run -0 timeout 240 "${top_srcdir:-..}/tests/storm/start" --fs "$BATS_TEST_TMPDIR" "$@"
    echo "# ${lines[-1]}" >&3
}

@test "storms while it starts: every directory is watched in the end" {
    starts --seed 1 --storms 8
    starts --storms 8
}

@test "storms while it starts, in trees that are deeper than it keeps descriptors for" {
    starts --storms 12 --shape deep
}

@test "storms while it starts, on a tmpfs" {
    [ "$(stat -fc %T /dev/shm)" = tmpfs ] || skip "/dev/shm is no tmpfs"
    starts --storms 12 --fs /dev/shm
}

@test "storms with --snapshot" {
    storms --seed 1 --seeds 4 --seconds 3 --pace 1000 -- --snapshot
}

@test "storms with --join-moves" {
    storms --seed 1 --seeds 4 --seconds 3 --pace 1000 -- --join-moves
}
