#!/usr/bin/env bats
# Scripts as people write them for inotifywait, run with pywatch under that name in PATH: in bash
# and in dash, but where only bash has the form.
#
# Each test has a `scene`, which starts a script and does what it waits for; the scene is played
# once in each shell, in a directory of its own. `Watches established.` on the script's stderr tells
# when a watch is in place; a script that says -q is looked at from outside.

load helpers

# script < TEXT: starts it in a process group of its own.
script() {
    cat >"$PWD.script"
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    ln -sf "$PYWATCH" "$BATS_TEST_TMPDIR/bin/inotifywait"
    : >"$OUT"
    : >"$ERR"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH setsid "$shell" "$PWD.script" <"$IN" >"$OUT" 2>"$ERR" 3>&- &
    PID=$!
}

# in_shells SHELL...: plays the scene in each.
in_shells() {
    local shell

    for shell; do
        require "$shell"
        mkdir "$BATS_TEST_TMPDIR/$shell"
        cd "$BATS_TEST_TMPDIR/$shell" || return 1
        scene
        end_script
    done
}

end_script() {
    [[ -z $PID ]] || kill -KILL -- "-$PID" 2>/dev/null || true
    [[ -z $PID ]] || wait "$PID" 2>/dev/null || true
    PID=
}

teardown() {
    end_script
    cd / || return 1
}

ready_again() { [[ $(grep -c 'Watches established.' "$ERR") -ge $1 ]]; }
lines_are() { [[ -e $1 && $(wc -l <"$1") == "$2" ]]; }
holds() { [[ -e $1 && $(<"$1") == "$2" ]]; }
# armed N: the script's inotifywait watches so many things, whichever process that is now.
armed_now() {
    local pid

    for pid in $(pgrep -s "$PID" -x inotifywait); do
        (($(cat "/proc/$pid/fdinfo/"* 2>/dev/null | grep -c '^inotify ') != $1)) || return 0
    done
    return 1
}
armed() { within armed_now "$1"; }
# alone: the script has no inotifywait any more.
alone() { ! pgrep -s "$PID" -x inotifywait >/dev/null; }

@test "while inotifywait -e close_write FILE; do" {
    scene() {
        echo zero >f
        : >seen
        script <<'END'
while inotifywait -e close_write f; do
    cat f >>seen
done
END
        local n
        for n in 1 2 3; do
            within ready_again "$n"
            echo "turn $n" >f
            within lines_are seen "$n"
        done
        [[ $(<seen) == $'turn 1\nturn 2\nturn 3' ]]
        [[ $(sort -u "$OUT") == 'f CLOSE_WRITE,CLOSE ' ]]
    }
    in_shells bash dash
}

@test "inotifywait -m | while read -r dir events file" {
    scene() {
        mkdir d
        script <<'END'
inotifywait -m -e create -e delete -e moved_to d | while read -r dir events file; do
    printf '[%s] [%s] [%s]\n' "$dir" "$events" "$file"
done
END
        ready
        touch d/plain 'd/two words'
        mkdir d/sub
        mv d/plain d/moved
        rm d/moved
        within lines_are "$OUT" 5
        expect_output '[d/] [CREATE] [plain]' '[d/] [CREATE] [two words]' \
            '[d/] [CREATE,ISDIR] [sub]' '[d/] [MOVED_TO] [moved]' '[d/] [DELETE] [moved]'
    }
    in_shells bash dash
}

@test "inotifywait -m < process substitution, with read -d '' and NUL" {
    scene() {
        mkdir d
        script <<'END'
count=0
while IFS= read -r -d '' file; do
    count=$((count + 1))
    printf '%s %q\n' "$count" "$file"
done < <(inotifywait -m -r -e close_write --format '%w%f%0' --no-newline d)
END
        ready
        : >d/a
        : >$'d/new\nline'
        mkdir d/s
        : >'d/s/ x '
        within lines_are "$OUT" 3
        expect_output '1 d/a' "2 \$'d/new\\nline'" '3 d/s/\ x\ '
    }
    in_shells bash
}

@test "--format '%w%f%0' --no-newline | xargs -0" {
    scene() {
        mkdir d
        script <<'END'
inotifywait -m -e close_write --format '%w%f%0' --no-newline d | xargs -0 -n 1 sh -c '
    sha256sum <"$0" >>sums'
END
        ready
        echo 1 >d/one
        echo 2 >$'d/two\nlines "x" '
        echo 3 >"d/-three's"
        within lines_are sums 3
        diff sums <(for n in 1 2 3; do echo $n | sha256sum; done)
    }
    in_shells bash dash
}

@test "command substitution: \$(inotifywait --format %f)" {
    scene() {
        mkdir d
        script <<'END'
file=$(inotifywait -e create --format '%f' d) || exit 9
echo "got <$file>"
events=$(inotifywait -q -e modify --format '%e' d/"$file")
echo "status $?, $events"
END
        ready
        touch d/x
        within printed 'got <x>'
        armed 1
        echo more >>d/x
        finish
        expect_output 'got <x>' 'status 0, MODIFY'
    }
    in_shells bash dash
}

@test "timeout ends a monitor, and what it printed is there" {
    scene() {
        mkdir d
        # The time is over when the test says so, by the signal of timeout's own clock.
        script <<'END'
timeout 600 inotifywait -m -e create d >log
echo "status $?"
END
        ready
        touch d/a d/b
        within lines_are log 2
        pkill -ALRM -s "$PID" -x timeout
        finish
        expect_output 'status 124'
        [[ $(<log) == $'d/ CREATE a\nd/ CREATE b' ]]
        within alone
    }
    in_shells bash dash
}

@test "inotifywait -t: the three statuses in a case" {
    scene() {
        mkdir d
        script <<'END'
report() {
    case $? in
    0) echo event ;;
    2) echo timeout ;;
    *) echo error ;;
    esac
}
inotifywait -q -t 1 -e create d; report
inotifywait -q -t 1 -e create missing 2>/dev/null; report
inotifywait -t 600 -e create d >/dev/null; report
if inotifywait -qq -t 1 d; then echo yes; else echo no; fi
END
        ready
        # One event alone: another one would be seen by the last run.
        ln -s nowhere d/a
        finish
        expect_output timeout error event no
    }
    in_shells bash dash
}

@test "a background job, killed by a trap" {
    scene() {
        mkdir d
        script <<'END'
inotifywait -m -e create --format '%f' d >log &
watcher=$!
trap 'kill "$watcher"; wait "$watcher"; echo "watcher: $?"; exit 0' TERM INT
wait
END
        ready
        touch d/a
        within lines_are log 1
        touch d/b
        within lines_are log 2
        kill -TERM "$PID"
        finish
        expect_output 'watcher: 143'
        alone
    }
    in_shells bash dash
}

@test "coproc" {
    scene() {
        mkdir d
        script <<'END'
coproc WATCH { exec inotifywait -m -e close_write --format '%f' d; }
while read -r file <&"${WATCH[0]}"; do
    [[ $file == stop ]] && break
    echo "file $file"
done
kill "$WATCH_PID"
wait "$WATCH_PID"
echo "ended with $?"
END
        ready
        : >d/a
        : >d/b
        : >d/stop
        finish
        expect_output 'file a' 'file b' 'ended with 143'
    }
    in_shells bash
}

@test "the reader leaves: | head -n 1, | grep -m 1" {
    scene() {
        mkdir d
        script <<'END'
inotifywait -m -e create --format '%f' d | head -n 1
inotifywait -m -e create --format '%f' d | grep -m 1 wanted
END
        ready
        touch d/a
        within ready_again 2
        touch d/b d/wanted
        # No further event comes.
        finish
        expect_output a wanted
    }
    in_shells bash dash
}

@test "rsync on change" {
    require rsync
    scene() {
        mkdir -p src/lib dst
        echo one >src/lib/a
        script <<'END'
rsync -a --delete src/ dst/
while inotifywait -r -qq -e modify,create,delete,move,attrib src; do
    rsync -a --delete src/ dst/
    echo synced >>log
done
END
        armed 2
        echo two >src/lib/b
        synced() { diff -r src dst >/dev/null && armed_now "$1"; }
        within synced 2
        mkdir src/new
        within synced 3
        echo three >src/new/c
        within synced 3
        rm src/lib/a
        within synced 3
        [[ -s log ]]
    }
    in_shells bash dash
}

@test "rsync of a monitor's files: --files-from" {
    require rsync
    scene() {
        mkdir -p src/lib dst
        script <<'END'
cd src || exit
inotifywait -m -r -e close_write,moved_to --format '%w%f' . | while IFS= read -r file; do
    printf '%s\n' "$file" | rsync -a --files-from=- . ../dst/
done
END
        ready
        echo one >src/lib/a
        echo two >'src/lib/two words'
        mkdir -p src/new/deep
        echo three >src/new/deep/c
        mv src/lib/a src/new/a
        same() { diff -r -x a src dst >/dev/null && cmp -s src/new/a dst/new/a; }
        within same
    }
    in_shells bash dash
}

# rebuilt: the product is made of what the source is now.
rebuilt() { cmp -s src/a.c out/a.c; }
save_by_vi() {
    vim.tiny -u NONE -N -n -es -c "set backupcopy=$1" -c "normal Go$2" -c wq src/a.c </dev/null
}
# As emacs does: the old file becomes the backup, and a new one is written and synced.
save_by_emacs() {
    ln -s me@here.1 'src/.#a.c'
    [[ -e src/a.c~ ]] || mv src/a.c src/a.c~
    {
        cat src/a.c~
        echo "$1"
    } >src/a.c
    sync src/a.c
    chmod 644 src/a.c
    rm 'src/.#a.c'
}

@test "rebuild on save: vim, emacs, sed -i, a shell; by a monitor of the directory" {
    require vim.tiny
    scene() {
        mkdir src out
        echo zero >src/a.c
        script <<'END'
inotifywait -m -e close_write,moved_to --format '%f' src |
    while read -r file; do
        case $file in
        *.c) cp "src/$file" "out/$file" && echo "built $file" ;;
        esac
    done
END
        ready
        save_by_vi no vim1
        within rebuilt
        save_by_vi yes vim2
        within rebuilt
        sed -i 's/zero/ZERO/' src/a.c
        within rebuilt
        save_by_emacs emacs1
        within rebuilt
        save_by_emacs emacs2
        within rebuilt
        echo shell >>src/a.c
        within rebuilt
        [[ $(sort -u "$OUT") == 'built a.c' ]]
    }
    in_shells bash dash
}

@test "rebuild on save: one-shot, of the file itself, replaced by each save" {
    require vim.tiny
    scene() {
        mkdir src out
        echo zero >src/a.c
        # What ends the watch of a file that is replaced depends on the editor, so all is asked for.
        script <<'END'
while inotifywait -e close_write,moved_to,delete_self,move_self,attrib src/a.c; do
    while [ ! -e src/a.c ]; do sleep 0.01; done
    cp src/a.c out/a.c.new && mv out/a.c.new out/a.c
done
END
        # Between two runs nothing is seen, which is this form's own fault: so each save waits for
        # the watch to be back, and is repeated where it fell between.
        saved() {
            ready_again "$1" && armed_now 1 || return 1
            rebuilt || touch src/a.c
            rebuilt
        }
        local n=1 save
        within ready_again 1
        for save in 'save_by_vi no one' 'save_by_vi yes two' "sed -i s/zero/ZERO/ src/a.c" \
            'save_by_emacs three'; do
            $save
            within saved $((++n))
            armed 1
        done
        grep -q ZERO out/a.c
    }
    in_shells bash dash
}

@test "log rotation: what is written to the new file is seen" {
    scene() {
        mkdir log
        : >log/app
        script <<'END'
inotifywait -m -e modify,create,moved_from --format '%e %f' log | while read -r event file; do
    case $event:$file in
    MODIFY:app) tail -n 1 log/app ;;
    MOVED_FROM:app) echo rotated ;;
    CREATE:app) echo reopened ;;
    esac
done
END
        ready
        echo first >>log/app
        within printed first
        mv log/app log/app.1
        echo late >>log/app.1
        : >log/app
        echo second >>log/app
        within printed second
        [[ $(uniq "$OUT") == $'first\nrotated\nreopened\nsecond' ]]
    }
    in_shells bash dash
}

@test "log rotation: the file itself, until it is moved away" {
    scene() {
        : >app
        script <<'END'
for turn in 1 2; do
    inotifywait -e move_self,delete_self --format "$turn %e" app || exit
    while [ ! -e app ]; do sleep 0.01; done
done
END
        within ready_again 1
        echo text >>app
        mv app app.1
        : >app
        within ready_again 2
        echo text >>app
        rm app
        : >app
        finish
        expect_output '1 MOVE_SELF' '2 DELETE_SELF'
    }
    in_shells bash dash
}

@test "a drop-box: each finished upload once, none before its end" {
    scene() {
        mkdir in 'done' staging
        script <<'END'
inotifywait -m -q -e close_write -e moved_to --exclude '/\.' --format '%w%f' in |
    while IFS= read -r upload; do
        [ -f "$upload" ] || continue
        wc -c <"$upload" | tr -d ' '
        mv -- "$upload" done/
    done
END
        armed 1
        exec {slow}>in/slow
        printf 123 >&"$slow"
        printf 12345 >in/quick
        within test -e done/quick
        [[ -e in/slow ]]
        printf 456 >&"$slow"
        exec {slow}>&-
        within test -e done/slow
        # As rsync and scp clients upload: a hidden name, then a rename.
        printf 1234567 >in/.part
        mv in/.part in/whole
        within test -e done/whole
        printf 12 >staging/x
        mv staging/x 'in/two words'
        within test -e 'done/two words'
        expect_output 5 6 7 2
        [[ -z $(ls in) ]]
    }
    in_shells bash dash
}

@test "waiting for a pid file to vanish" {
    scene() {
        echo 1 >pid
        script <<'END'
while [ -e pid ]; do
    inotifywait -e delete_self -e move_self pid 2>>err || [ ! -e pid ] || exit 1
done
echo gone
END
        ERR=err
        within test -e err
        ready
        echo 2 >pid
        rm pid
        finish
        ERR=$BATS_TEST_TMPDIR/err
        expect_output 'pid DELETE_SELF ' gone
    }
    in_shells bash dash
}

@test "waiting for a file to appear, without a gap" {
    scene() {
        mkdir run
        script <<'END'
inotifywait -m -q -e create -e moved_to --format '%f' run | {
    [ -e run/socket ] || while read -r file; do
        [ "$file" = socket ] && break
    done
    echo "it is there"
}
END
        armed 1
        touch run/other
        : >run/.new
        mv run/.new run/socket
        finish
        expect_output 'it is there'
    }
    in_shells bash dash
}

@test "a log with times: --timefmt, separators, -o" {
    scene() {
        mkdir d
        script <<'END'
exec inotifywait -m -r -q -o log -e create,delete,moved_to --timefmt '%F|%H:%M:%S' \
    --format '%T|%;e|%w|%f' d
END
        armed 1
        touch d/a
        mkdir d/s
        armed 2
        touch d/s/b
        within lines_are log 3
        kill "$PID"
        # No line is cut, and each reads back.
        while IFS='|' read -r day time events dir file; do
            [[ $day == 20??-??-?? && $time == ??:??:?? ]] || fail "time: $day $time"
            echo "$events $dir $file"
        done <log >fields
        [[ $(<fields) == $'CREATE d/ a\nCREATE;ISDIR d/ s\nCREATE d/s/ b' ]]
    }
    in_shells bash dash
}

@test "--csv, read by a program" {
    scene() {
        mkdir d
        script <<'END'
inotifywait -m -e create --csv d | python3 -c '
import csv, sys
for row in csv.reader(iter(sys.stdin.readline, "")):
    print(row, flush=True)'
END
        ready
        touch d/plain 'd/a, "b"'
        mkdir d/s
        within lines_are "$OUT" 3
        expect_output "['d/', 'CREATE', 'plain']" "['d/', 'CREATE', 'a, \"b\"']" \
            "['d/', 'CREATE,ISDIR', 's']"
    }
    in_shells bash dash
}

@test "debounce: read -t after the first of a burst" {
    scene() {
        mkdir d
        script <<'END'
inotifywait -m -r -e modify,create,delete,move --exclude '(\.git|~$|\.sw[px]$)' d |
    while read -r first; do
        while read -r -t 0.3 more; do :; done
        echo "burst of ${first%% *}"
    done
END
        ready
        # However busy the machine is, the burst comes without a pause.
        pkill -STOP -s "$PID" -x inotifywait
        touch d/{1..50}
        touch d/x~ d/.x.swp
        pkill -CONT -s "$PID" -x inotifywait
        within lines_are "$OUT" 1
        touch d/y~
        touch d/again
        within lines_are "$OUT" 2
        expect_output 'burst of d/' 'burst of d/'
    }
    in_shells bash
}

@test "waiting for a lock to vanish, with a deadline" {
    scene() {
        mkdir lock
        script <<'END'
until mkdir lock 2>/dev/null; do
    inotifywait -q -t 600 -e delete_self --format '%e' lock || [ ! -d lock ] || exit
done
echo "mine now"
rmdir lock
END
        armed 1
        touch lock/owner
        rm lock/owner
        rmdir lock
        finish
        expect_output DELETE_SELF 'mine now'
    }
    in_shells bash dash
}

@test "a FIFO between monitor and reader" {
    scene() {
        mkdir d
        script <<'END'
mkfifo pipe
inotifywait -m -e create --format '%:e %f' d >pipe &
while IFS=: read -r events rest; do
    echo "$events, $rest"
    case $rest in *stop) break ;; esac
done <pipe
kill $!
wait
END
        ready
        mkdir d/one
        mkdir 'd/two stop'
        finish
        expect_output 'CREATE, ISDIR one' 'CREATE, ISDIR two stop'
        alone
    }
    in_shells bash dash
}

@test "a daemon with -d and -o, and a reader of its log" {
    scene() {
        mkdir d
        script <<'END'
set -e
cd d
inotifywait -d -o ../log --format '%w%f' -e close_write .
echo started
echo text >new
until [ -s ../log ]; do sleep 0.01; done
cat ../log
END
        finish
        within alone_but_one
        [[ ! -s $ERR ]]
        expect_output started ./new
        kill "$(background)"
        within nothing_in_background
    }
    # The daemons that were started here: in a session of their own.
    background() {
        local it

        for it in $(pgrep -x inotifywait); do
            [[ $(readlink "/proc/$it/cwd" 2>/dev/null) == "$PWD/d" ]] && echo "$it"
        done
        return 0
    }
    alone_but_one() { [[ $(background | wc -l) == 1 ]]; }
    nothing_in_background() { [[ -z $(background) ]]; }
    in_shells bash dash
}

@test "set -e, and an error in front of a pipe" {
    scene() {
        mkdir d
        script <<'END'
if inotifywait -q -t 1 -e create missing | grep . ; then echo wrong; fi
if out=$(inotifywait -q -e create missing 2>&1); then echo wrong; else echo "status $?: $out"; fi
inotifywait -q -t 1 -e create d || [ $? -eq 2 ] || exit 1
set -e
echo again
inotifywait -qq -e create d
echo seen
inotifywait -e bogus d 2>/dev/null
echo "not reached"
END
        within printed again
        armed 1
        touch d/f
        finish
        expect_status 1
        expect_output "status 1: Couldn't watch missing: No such file or directory" again seen
    }
    in_shells bash dash
}

@test "nohup, and a parent that ends" {
    scene() {
        mkdir d
        script <<'END'
nohup inotifywait -m -e create --format %f d >log 2>err </dev/null &
echo $! >pid
END
        within test -s pid
        finish
        # Not `ready`, which gives up where the script has ended: this watcher outlives it.
        within grep -q -F 'Watches established.' err
        kill -HUP "$(cat pid)"
        touch d/a
        within lines_are log 1
        [[ $(<log) == a ]]
        kill "$(cat pid)"
    }
    in_shells bash dash
}

@test "several watchers of one directory, each with a part of the work" {
    scene() {
        mkdir d
        script <<'END'
inotifywait -m -q -e close_write --include '\.txt$' --format 'text %f' d &
first=$!
inotifywait -m -q -e close_write --exclude '\.txt$' --format 'other %f' d &
trap 'kill $first $!' TERM
wait
END
        two() { [[ $(pgrep -s "$PID" -x inotifywait | wc -l) == 2 ]] && armed_now 2; }
        armed_now() {
            local pid n=0

            for pid in $(pgrep -s "$PID" -x inotifywait); do
                n=$((n + $(cat "/proc/$pid/fdinfo/"* 2>/dev/null | grep -c '^inotify ')))
            done
            ((n == $1))
        }
        within two
        : >d/a.txt
        : >d/b.c
        within lines_are "$OUT" 2
        [[ $(sort "$OUT") == $'other b.c\ntext a.txt' ]]
        kill "$PID"
        within alone
    }
    in_shells bash dash
}
