#!/usr/bin/env bats
# No name, however odd, can forge, split, hide or lose a record, or reach a terminal raw.
#
# lib/awkward.py makes a file for each of a list of names, and tells their exact bytes in base64.
# What pywatch prints is parsed, not grepped.

load helpers

# make DIRECTORY: awkward files while pywatch watches; ./made has the paths in base64, ./raw as they
# are, each with a NUL.
make() {
    "$LIB/awkward.py" "$1" raw >made
    sentinel "$1"
}

@test "JSON gives the exact bytes back (jq)" {
    start -m --json -e create d
    make d
    diff made <(jq -r 'select(.name | startswith(".sentinel.") | not) |
        .path_b64 // (.path | @base64)' "$OUT")
}

@test "JSON gives the exact bytes back (node), and each line is one record" {
    require node
    start -m --json -e create d
    make d
    diff made <(node -e '
        const lines = fs.readFileSync(process.argv[1]).toString("latin1").split("\n");
        if (lines.pop() !== "") throw new Error("the last line has no end");
        const seen = (r, key) => r[key + "_b64"] === undefined
            ? Buffer.from(r[key]) : Buffer.from(r[key + "_b64"], "base64");
        lines.map((l) => JSON.parse(Buffer.from(l, "latin1").toString())).forEach((r, i) => {
            if (r.seq !== i + 1 || r.events.join() !== "CREATE") throw new Error("seq " + r.seq);
            if (Buffer.compare(Buffer.concat([seen(r, "watch"), seen(r, "name")]), seen(r, "path")))
                throw new Error("path is not watch and name");
            if (!r.name.startsWith(".sentinel.")) console.log(seen(r, "path").toString("base64"));
        });' "$OUT")
}

@test "JSON is valid UTF-8, has no raw control characters, and _b64 only where it is needed" {
    start -m --json -e create d
    make d
    "$LIB/terminal.py" "$OUT"
    jq -e -s 'map(select(.path_b64)) | all(.path | contains("\ufffd"))' "$OUT"
    jq -e -s 'map(select(.path_b64 | not)) | all(.path | contains("\ufffd") | not)' "$OUT"
    jq -e -s 'map(select(.path_b64)) | length > 5' "$OUT"
}

@test "JSON keys come in the order of the manual" {
    touch d/a
    start -m --json -e move,create d
    mv d/a $'d/b\xff'
    sentinel d
    [[ $(records | tail -n 1 | jq -c keys_unsorted) == \
        '["time","seq","events","path","path_b64","watch","name","name_b64","from","wd","mask","cookie"]' ]]
    records | tail -n 1 | jq -e '.time | test("^20[0-9-]{8}T[0-9:]{8}\\.[0-9]{6}Z$")'
}

@test "CSV gives the exact bytes back" {
    require node
    start -m --csv -e create d
    make d
    node "$LIB/csv.js" "$OUT" >parsed
    sed -z 's,^d/,d/\x00CREATE\x00,' raw >expected
    cmp expected <(head -c "$(stat -c %s expected)" parsed)
}

@test "-0 gives the exact bytes back, %w%f and %p alike" {
    for conversion in %w%f %p; do
        rm -rf d
        mkdir d
        start -m -0 --format "$conversion" -e create d
        make d
        stop
        cmp raw <(grep -z -v -F .sentinel. "$OUT")
    done
}

@test "%0 with --no-newline gives the exact bytes back" {
    start -m --format '%w%f%0' --no-newline -e create d
    make d
    cmp raw <(grep -z -v -F .sentinel. "$OUT")
}

@test "text in a pipe is the bytes as they are" {
    start -m "${PLAIN[@]}" -e create d
    make d
    sed -z 's/^/CREATE /' raw | tr '\0' '\n' >expected
    cmp expected <(head -c "$(stat -c %s expected)" "$OUT")
}

@test "awkward directories: below them, everything has its exact path" {
    mkdir $'d/new\nline' $'d/\xff\xfe' $'d/\e[31m' $'d/x\nd'
    start -m -r --json -e create d
    for dir in d/*; do
        touch "$dir/f"
    done
    mkdir $'d/later\n\xed\xa0\x80'
    touch $'d/later\n\xed\xa0\x80/f'
    touch $'d/x\nd/ CREATE forged'
    sentinel d
    for path in $'d/x\nd/f' $'d/x\nd/ CREATE forged' $'d/\e[31m/f' $'d/new\nline/f' $'d/\xff\xfe/f' $'d/later\n\xed\xa0\x80' \
        $'d/later\n\xed\xa0\x80/f'; do
        printf %s "$path" | base64 -w 0
        echo
    done | sort >expected
    diff expected <(records | jq -r '.path_b64 // (.path | @base64)' | sort)
}

@test "awkward operands" {
    for name in $'new\nline' $'\xff' ' ' '"' $'\e[31m'; do
        mkdir "$name"
        start -m --json -e create "$name"
        touch "$name/f"
        sentinel "$name"
        [[ $(records | jq -r '.path_b64 // (.path | @base64)') == $(printf %s "$name/f" | base64) ]]
        stop
        mkdir "$name/-m"
        (
            cd "$name"
            start -m --json -e create -- -m
            touch ./-m/f
            sentinel ./-m
            [[ $(records | jq -r .path) == -m/f ]]
            stop
        )
    done
}

@test "where a renamed thing came from has exact bytes, too" {
    touch $'d/a\xff' $'d/b\n'
    start -m --json -e move,create d
    mv $'d/a\xff' d/a
    mv $'d/b\n' d/b
    sentinel d
    records | jq -r 'select(.from) | .from_b64 // (.from | @base64)' >from
    [[ $(base64 -d <(head -n 1 from)) == $'d/a\xff' ]]
    [[ $(base64 -d <(tail -n 1 from); echo .) == $'d/b\n.' ]]
}

# on_tty ARGUMENT...: awkward names reach a terminal.
on_tty() {
    begin_tty -m -e create "$@" d
    ready
    make d
    stop
}

@test "on a terminal: nothing but our own colours, one line a record" {
    on_tty
    "$LIB/terminal.py" --colours "$OUT"
    records >lines
    [[ $(wc -l <lines) == $(wc -l <made) ]]
    # Without the colours: a local time, the events, the path.
    sed 's/\x1b\[[0-9;]*m//g' lines >bare
    run grep -v -E '^[0-9]{2}:[0-9]{2}:[0-9]{2} CREATE +d/' bare
    [[ $status -eq 1 && -z $output ]]
    # Two names that differ look different.
    [[ -z $(cut -c 10- bare | sort | uniq -d) ]]
}

@test "on a terminal without colours: nothing raw at all" {
    on_tty --color=never
    "$LIB/terminal.py" "$OUT"
}

@test "on a terminal with --format: nothing raw" {
    on_tty --format '%e %w%f %p %f'
    "$LIB/terminal.py" "$OUT"
    records >lines
    [[ $(wc -l <lines) == $(wc -l <made) ]]
}

@test "on a terminal with --csv: nothing raw" {
    on_tty --csv
    "$LIB/terminal.py" "$OUT"
}

@test "on a terminal with --json: nothing raw, and still the exact bytes" {
    on_tty --json
    "$LIB/terminal.py" "$OUT"
    diff made <(jq -r 'select(.name | startswith(".sentinel.") | not) |
        .path_b64 // (.path | @base64)' "$OUT")
}

@test "on a terminal with -0: nothing raw but the NULs that were asked for" {
    on_tty -0
    tr -d '\0' <"$OUT" >text
    "$LIB/terminal.py" --colours text
}

@test "--color=always in a pipe: names are escaped, for it is meant to be looked at" {
    start -m --color=always -e create d
    make d
    "$LIB/terminal.py" --colours "$OUT"
    records >lines
    [[ $(wc -l <lines) == $(wc -l <made) ]]
    grep -q $'\e\[' "$OUT"
}

# expect_one_line WORD ARGUMENT...: a mistake is told in one line, of which a terminal may see all.
expect_one_line() {
    local word=$1

    shift
    finished -q "$@"
    expect_error "$word"
    "$LIB/terminal.py" "$ERR" || fail "something raw in the message"
}

ODD=$'\e[31m\nline\x9b\xe2\x80\xae'

@test "messages about awkward paths: one line each, nothing raw" {
    expect_one_line 'No such file or directory' "missing$ODD"
    expect_one_line missing -o "missing$ODD/x" d
    expect_one_line missing --fromfile "missing$ODD"
}

@test "messages about awkward values: one line each, nothing raw" {
    expect_one_line bad -e "bad$ODD" d
    expect_one_line bad --flags "bad$ODD" d
    expect_one_line bad --type "bad$ODD" d
    expect_one_line bad --max-depth "bad$ODD" d
    expect_one_line bad -t "bad$ODD" d
    expect_one_line bad --buffer "bad$ODD" d
    expect_one_line bad --color="bad$ODD" d
    expect_one_line exclude --exclude "($ODD" d
    expect_one_line format --format "%$ODD" d
    expect_one_line bad "--bad$ODD" d
    expect_one_line option $'-\e' d
}

@test "warnings about awkward directories: one line each, nothing raw" {
    unprivileged
    mkdir "d/shut$ODD"
    chmod 000 d/shut*
    begin -m -r -q d
    watching 1
    within said shut
    [[ $(wc -l <"$ERR") == 1 ]]
    stop
    PTY_STDERR=1 begin_tty -m -r -q d
    within printed shut
    stop
    [[ $(wc -l <"$OUT") == 1 ]]
    "$LIB/terminal.py" "$OUT" || fail "something raw on the terminal"
}

@test "--verbose about awkward names: one line each, nothing raw" {
    PTY_STDERR=1 begin_tty -m -r -v -e create --exclude 'r' d
    within printed 'Watches established.'
    "$LIB/awkward.py" d >made
    mkdir $'d/die\e[31m\n'
    sentinel d
    stop
    "$LIB/terminal.py" --colours "$OUT" || fail "something raw on the terminal"
}
