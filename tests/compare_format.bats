#!/usr/bin/env bats
# Records as inotifywait lays them out: --format with each conversion, --timefmt, --csv, odd names.

load compare

prepare() {
    mkdir -p d/s
    touch d/a f
}

# A few records of every shape: an entry, a directory, the watched thing itself, a rename.
act() {
    step touch d/new
    step add f text
    step chmod 700 d/s
    step mv d/a d/b
    step chmod 700 d
}

# each FORMAT...: the same with each, for a directory and a file.
each() {
    local format

    for format; do
        compare -m --format "$format" d f
    done
}

# by_number: the numbers of cookies go on from one side to the next: the first becomes A.
by_number() {
    awk '{ for (i = 1; i <= NF; i++)
               if ($i ~ /^[0-9a-f]+$/ && $i != "0") {
                   if (!($i in seen)) seen[$i] = sprintf("%c", 65 + n++)
                   $i = seen[$i]
               }
           print }'
}

@test "%w %f %e %%" {
    each '%w' '%f' '%e' '%%' '%e %w%f' 'x' '%w%%%f%%w%%%w100%%:%e'
}

@test "%Xe: letters, signs, a space, a comma, a quote, a UTF-8 byte" {
    each '%:e %f' '%|e' '%_e' '% e' '%,e%"e%-e%;e%/e%\e%+e' $'%\te%\ne' '%ae%ee%:e%|e' $'%\xc3e'
}

@test "%Xe where X is itself a conversion" {
    each '%we' '%fe' '%%e' '%%%e' '%ne' '%0e'
    alike() { sed -E 's/^[0-9a-f]{2,}e$/COOKIEe/'; }
    each '%ce'
}

@test "%Xe where X is one that inotifywait does not know: as inotifywait" {
    NAMES=(inotifywait)
    each '%pe' '%oe%de%me%se'
}

@test "%n and %0, and a backslash that means nothing" {
    each '%n' '%w%n%f' '%w%f%0' '%0%0' 'a%nb%0c' 'a\tb\0%w%f\n'
}

@test "an unknown conversion is printed: as inotifywait" {
    NAMES=(inotifywait)
    each '%q' 'a%qb' '%z%w%1%W%F%E%é%$%&' '%-10w'
}

@test "a percent sign at the end: as inotifywait" {
    NAMES=(inotifywait)
    each '%w%' '%' 'a%' '%w%f %'
}

@test "an empty format" {
    each '' ' '
}

@test "--no-newline" {
    local format
    for format in '%w%f%0' '%w%f ' '%w%f%n' x '%0' '%:e;'; do
        compare -m --format "$format" --no-newline d f
    done
}

@test "%c: 0, and the same number for both halves of a rename" {
    alike() { by_number; }
    act() {
        step touch d/new
        step mv d/a d/b
        step mv d/b d/a
        step mv d/s d/t
    }
    compare -m --format 'c= %c n= /%f' d
    [[ $(by_number <"$OUT" | grep -o ' [A-Z] ' | tr -d ' \n') == AABBCC ]]
}

@test "--timefmt: what does not change meanwhile" {
    local format
    for format in '%C %Z %z %%' 'text' '%' 'a%' '%n%t%%' '%é' ' '; do
        compare -m --timefmt "$format" --format '%T %w%f %e' d f
    done
    compare -m --timefmt '%C' --format '%T%T' d f
    TZ=Asia/Kolkata compare -m --timefmt '%z' --format '%T' d
}

@test "--timefmt: the second of the event" {
    local before
    before=$(date +%s)
    alike() { awk -v from="$before" -v to="$(date +%s)" '{ print ($1 >= from && $1 <= to), $2 }'; }
    compare -m --timefmt '%s' --format '%T %f' d
    grep -q '^[0-9]* new$' "$OUT"
    [[ $(alike <"$OUT" | cut -c 1 | sort -u) == 1 ]]
}

@test "--timefmt: a long result" {
    compare -m --timefmt "$(printf '%0200d' 7)" --format '%T %f' d
    compare -m --timefmt "$(printf '%0900d' 7)" --format '%T %f' d
}

@test "the default layout, and --csv" {
    compare -m d f
    compare -m --csv d f
    compare -m -c d f
    compare -c d f
    compare d f
    compare f
    compare --csv f
}

# shellcheck disable=SC2016 # names that a shell would expand
NAMED=('two words' ' lead' 'trail ' 'a,b' 'say "x"' $'new\nline' $'tab\there' '%w%f' '\n' "it's" '"'
    ','
    $'bad\xff\xfe' $'\x1b[31mred' -dash 'CREATE' $'\xc3\xa9' '*' '$HOME' '`id`' ' ' $'\n')
odd() {
    local name

    for name in "${NAMED[@]}"; do
        : >"d/$name"
    done
    settle
    rm -f -- "d/${NAMED[0]}"
}

@test "odd names, in every layout" {
    act() { odd; }
    compare -m -e create,delete d
    compare -m -e create,delete --csv d
    compare -m -e create,delete --format '%w%f%0' --no-newline d
    compare -m -e create,delete --format '%e|%f|%w' d
}

@test "odd names of what is watched" {
    local name
    act() { step add "./$name/f" text; }
    prepare() { mkdir -p "./$name"; }
    for name in "${NAMED[@]}"; do
        compare -m -e modify --csv "./$name"
    done
    for name in 'two words ' $'\n' '%w%f'; do
        compare -m -e modify "./$name"
        compare -m -e modify --format '%w|%f' "./$name/"
    done
}

@test "a name of 255 bytes" {
    local long
    long=$(printf '%0255d' 1)
    act() { step touch "d/$long"; }
    compare -m d
    compare -m --csv d
    compare -m --format '%w%f %e' d
}

@test "a format as long as a line" {
    local wide
    wide=$(printf '%0200d' 1)
    compare -m --format "$wide %w%f $wide" d f
}
