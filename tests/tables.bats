#!/usr/bin/env bats
# Options, events, groups, watch flags and conversions: what is written about them says what the
# tables of the program say, no more and no less.

PYWATCH=${PYWATCH:-$BATS_TEST_DIRNAME/../src/pywatch}
top_srcdir=${top_srcdir:-$BATS_TEST_DIRNAME/..}
export PYWATCH top_srcdir

check() { "$BATS_TEST_DIRNAME/check-tables" "$@"; }

@test "--help has the options, events, groups, watch flags and conversions of the tables" {
    for kind in options events groups flags conversions; do
        check "$kind" help
    done
}

@test "the manual page has the options, events, groups, watch flags and conversions of the tables" {
    for kind in options events groups flags conversions; do
        check "$kind" man
    done
}

@test "bash completes the options, events, watch flags and conversions of the tables" {
    for kind in options names flags conversions; do
        check "$kind" bash
    done
}

@test "zsh completes the options, events, watch flags and conversions of the tables" {
    for kind in options names flags conversions; do
        check "$kind" zsh
    done
}

@test "fish completes the options, events, watch flags and conversions of the tables" {
    for kind in options names flags conversions; do
        check "$kind" fish
    done
}

# altered: from now on the tables are a copy, for the test to alter.
altered() {
    local copy=$BATS_TEST_TMPDIR/copy

    mkdir -p "$copy"
    cp -r "$top_srcdir/src" "$top_srcdir/doc" "$top_srcdir/completions" "$copy"
    chmod -R u+w "$copy" # what is handed out to be read only is copied so
    chmod -R u+w "$copy"
    top_srcdir=$copy
}

# expect_difference KIND LINE: in each of the other places, KIND differs by just this line.
expect_difference() {
    local place found

    for place in help man bash zsh fish; do
        found=$(check "$1" "$place") && return 1
        [[ $found == "$2"* && $found != *$'\n'* ]]
    done
}

@test "the check sees what is missing" {
    altered
    cat >>"$top_srcdir/src/options.def" <<'END'
OPTION(NEW, "new", 'N', VALUE, "THING", OURS,
       "does (something)"
       " new")
END
    echo 'WATCH_FLAG(NEW_FLAG, IN_NEW_FLAG, "new")' >>"$top_srcdir/src/event.def"
    echo 'FORMAT_CONVERSION("y", "new")' >>"$top_srcdir/src/format.def"
    expect_difference options '< N new value'
    expect_difference flags '< NEW_FLAG'
    expect_difference conversions '< %y'
    echo 'EVENT_GROUP(NEW_GROUP, IN_NEW, "new")' >>"$top_srcdir/src/event.def"
    for place in bash zsh fish; do
        run check names "$place"
        [[ $status == 1 && $output == '< NEW_GROUP' ]]
    done
}

@test "the check sees what should not be there" {
    altered
    sed -i '/^OPTION(QUIET/,/")$/d' "$top_srcdir/src/options.def"
    sed -i '/^WATCH_FLAG(ONESHOT/d' "$top_srcdir/src/event.def"
    sed -i '/^FORMAT_CONVERSION("Xe"/d' "$top_srcdir/src/format.def"
    expect_difference options '> q quiet none'
    expect_difference flags '> ONESHOT'
    expect_difference conversions '> %Xe'
}

@test "the check sees another letter, and another kind of value" {
    altered
    sed -i -e 's/"quiet", '"'q'"'/"quiet", '"'Q'"'/' -e 's/"buffer", 0, VALUE/"buffer", 0, NONE/' \
        "$top_srcdir/src/options.def"
    for place in help man bash zsh fish; do
        run check options "$place"
        [[ $status == 1 && ${#lines[@]} == 4 ]]
        [[ $output == *'< Q quiet none'* && $output == *'> q quiet none'* ]]
        [[ $output == *'< - buffer none'* && $output == *'> - buffer value'* ]]
    done
}

@test "the manual page and README name no option that does not exist" {
    local known foreign=$'parents\nunbuffered\nwith-python'

    known=$(sed -n -E 's/^(OPTION|ABSENT)\([A-Z_]+, "([a-z-]+)".*/\2/p' "$top_srcdir/src/options.def")
    named=$(
        grep -o -E -e '--[a-z][a-z-]+' "$top_srcdir/README.md" | sed 's/^--//'
        grep -o -E -e 'Fl Fl [a-z][a-z-]+' "$top_srcdir/doc/pywatch.1" | sed 's/.* //'
        grep -o -E -e '[^-]--[a-z][a-z-]+' "$top_srcdir/doc/pywatch.1" | sed 's/.*--//'
    )
    [[ $(wc -l <<<"$named") -gt 30 ]]
    run comm -13 <(sort -u <<<"$known"$'\n'"$foreign") <(sort -u <<<"$named")
    [[ -z $output ]]
}

@test "the manual page is clean for mandoc" {
    command -v mandoc >/dev/null || skip "mandoc is not installed"
    run mandoc -Tlint -W style "$top_srcdir/doc/pywatch.1"
    # Whether other pages are installed is no fault of this one.
    run grep -v -e 'mandoc.db lacks' -e 'referenced manual not found' <<<"$output"
    [[ -z $output ]]
}
