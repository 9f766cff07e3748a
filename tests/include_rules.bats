#!/usr/bin/env bats
# Which file may include what: the table in doc/HACKING.md, held against src/.

top_srcdir=${top_srcdir:-$BATS_TEST_DIRNAME/..}

# rules: the rows of the table.
rules() {
    awk '/^<!-- include rules -->/ { found = 1; next }
         found && /^```/ { if (inside) exit; inside = 1; next }
         inside' "$top_srcdir/doc/HACKING.md"
}

sources() { (cd "$top_srcdir/src" && printf '%s\n' *.[ch] *.def python/*.[ch]); }

included() { sed -n -E 's/^ *# *include *"([^"]*)".*/\1/p' "$top_srcdir/src/$1"; }

# violations: each include that the table does not allow, and each file for which it has no row.
violations() {
    local file pattern allowed header found

    while read -r file; do
        found=
        while read -r pattern allowed; do
            # shellcheck disable=SC2053
            [[ $file == $pattern ]] && found=1 && break
        done < <(rules)
        if [[ -z $found ]]; then
            echo "$file: no row in doc/HACKING.md"
            continue
        fi
        [[ $file == *.c ]] && allowed+=' config.h'
        while read -r header; do
            [[ " $allowed " == *" $header "* ]] || echo "$file: may not include $header"
        done < <(included "$file")
    done < <(sources)
}

# idle: each pattern that fits no file, and each header in the table that does not exist.
idle() {
    local pattern allowed header

    while read -r pattern allowed; do
        # shellcheck disable=SC2086
        (cd "$top_srcdir/src" && compgen -G "$pattern" >/dev/null) || echo "$pattern: no such file"
        for header in $allowed; do
            [[ -e $top_srcdir/src/$header ]] || echo "$pattern: there is no $header"
        done
    done < <(rules)
}

expect_none() {
    [[ -z $1 ]] && return
    printf '%s\n' "$1" >&2
    return 1
}

@test "each file includes what doc/HACKING.md allows, and nothing else" {
    [[ $(rules | wc -l) -ge 20 && $(sources | wc -l) -ge 40 ]]
    expect_none "$(violations)"
}

@test "the table in doc/HACKING.md has no row for what is not there" {
    expect_none "$(idle)"
}

@test "only main*.c and options*.c include options.h" {
    [[ $(cd "$top_srcdir/src" && grep -l -E '^ *# *include *"options.h"' -- * | sort | tr '\n' ' ') == \
        'main_impl.h options_impl.h ' ]]
    [[ -z $(cd "$top_srcdir/src" && grep -l '"options_impl.h"' -- *.[ch] | grep -v '^options.*\.c$') ]]
}

@test "every .c file includes config.h before all else" {
    for file in "$top_srcdir"/src/*.c "$top_srcdir"/src/python/*.c; do
        [[ $(grep -m 1 -E '^ *# *include' "$file") == '#include "config.h"' ]]
    done
}

@test "inotify system calls are made in inotify.c alone" {
    [[ $(cd "$top_srcdir/src" && grep -l -E 'inotify_(init1?|add_watch|rm_watch) ?\([^0-9]' -- *.c python/*.c) == inotify.c ]]
}

@test "the check sees a violation, a file without a row and a row without a file" {
    local copy=$BATS_TEST_TMPDIR/copy

    mkdir -p "$copy"
    cp -r "$top_srcdir/src" "$top_srcdir/doc" "$copy"
    chmod -R u+w "$copy"
    top_srcdir=$copy
    echo '#include "options.h"' >>"$copy/src/filter.c"
    echo '#  include "tree.h"' >>"$copy/src/event.h"
    : >"$copy/src/stray.c"
    rm "$copy/src/buf.c" "$copy/src/buf.h"
    [[ $(violations | sort) == "event.h: may not include tree.h
filter.c: may not include options.h
stray.c: no row in doc/HACKING.md" ]]
    [[ $(idle) == *'buf.[ch]: no such file'* && $(idle) == *'there is no buf.h'* ]]
}
