#!/usr/bin/env bats
# --follow while several processes replace a file, its directories and a link, thousands of times.

load helpers

finished_after() { python3 "$LIB/turns.py" "$OUT" a/b/f l/f >"$ERR.turns" 2>&1; }
probes_are() { [[ $(grep -c '"CLOSE_WRITE"' "$OUT") == "$1" ]]; }

# storm SEED: replaced by all, then what was told is true, and a probe is seen once.
storm() {
    local before path

    python3 "$LIB/replace.py" 1500 "$1"
    within finished_after || {
        cat "$ERR.turns" >&2
        return 1
    }
    echo "# seed $1: $(tail -n 1 "$ERR.turns")" >&3
    within asleep
    for path in a/b/f l/f; do
        before=$(grep -c '"CLOSE_WRITE"' "$OUT")
        echo probe >>$path
        within probes_are $((before + 1))
        tail -n 1 "$OUT" | jq -e --arg path "$path" '.path == $path and .synthetic == null' >&2
    done
}

@test "replaced by four processes: told truly, watched in the end, no watch and no memory lost" {
    local watches size

    mkdir -p a/b one two
    touch a/b/f one/f two/f
    ln -s one l
    start --follow -m --json -e create,delete_self,close_write,move_self,attrib,modify a/b/f l/f
    watches=$(watches)
    storm $((RANDOM))
    size=$(kilobytes VmRSS)
    storm $((RANDOM))
    storm $((RANDOM))
    within watches_are "$watches"
    ! frees || (($(kilobytes VmRSS) < size + 1024)) || fail "it has grown from $size to $(kilobytes VmRSS) KiB"
}
