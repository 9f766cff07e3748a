#!/usr/bin/env bats
# The same events as inotifywait, in the same words: each event, of entries, of files and of
# directories, one-shot and with -m.

load compare

EVENTS=(access modify attrib close_write close_nowrite close open moved_from moved_to move move_self
    create delete delete_self)

# A file's life and a directory's, within d.
life() {
    step put d/f text
    step cat d/f >/dev/null
    step chmod 600 d/f
    step add d/f more
    step mv d/f d/g
    step mv d/g away
    step mv away d/back
    step ln d/back d/link
    step ln -s back d/soft
    step rm d/back
    step mkdir d/s
    step look d/s
    step chmod 700 d/s
    step mv d/s d/t
    step rmdir d/t
}

# The life of what is watched itself: f is a file, d a directory.
own_life() {
    step look d
    step chmod 700 d
    step add f text
    step cat f >/dev/null
    step chmod 600 f
    step truncate -s 0 f
    step ln f g
    step mv f h
    step mv d e
    step add h more
    step rm h
    step rm g
    step rmdir e
}

@test "-m: all events of entries" {
    act() { life; }
    compare -m d
}

@test "-m: all events of entries, read at once" {
    act() { life; }
    step() { "$@"; }
    FROZEN=1
    compare -m d
}

@test "-m -e EVENT: each event of entries" {
    act() { life; }
    step() { "$@"; }
    FROZEN=1
    local event
    for event in "${EVENTS[@]}"; do
        case $event in
        *_self) SILENT=1 ;;
        *) SILENT=0 ;;
        esac
        compare -m -e "$event" d
    done
}

@test "-e EVENT: the first of each event of entries, and status 0" {
    act() { life; }
    step() { "$@"; }
    local event
    for event in access modify attrib close_write close_nowrite close open moved_from moved_to \
        move create delete; do
        compare -e "$event" d
        [[ $STATUS == 0 ]] || fail "status $STATUS for $event"
    done
}

@test "-m -e EVENT: each event of what is watched itself" {
    prepare() {
        mkdir d keep
        touch f
    }
    act() { own_life; }
    local event
    for event in "${EVENTS[@]}"; do
        case $event in
        moved_* | move | create | delete) SILENT=1 ;;
        *) SILENT=0 ;;
        esac
        compare -m -e "$event" f d keep
    done
}

@test "-m: all events of a watched file" {
    prepare() { mkdir keep && put f x; }
    act() {
        step cat f >/dev/null
        step add f text
        step chmod 600 f
        step truncate -s 0 f
        step ln f g
        step rm f
        step rm g
    }
    compare -m f keep
}

@test "-m: all events of a watched directory itself" {
    prepare() { mkdir d keep; }
    act() {
        step look d
        step chmod 700 d
        step touch -d @0 d
        step rmdir d
    }
    compare -m d keep
}

@test "reading a directory" {
    prepare() { mkdir -p d/s; }
    act() {
        ls d/s d >/dev/null
    }
    FROZEN=1
    compare -m d
    compare -m -e access,open,close d
}

@test "-e with several events, repeated, in capitals" {
    act() { life; }
    step() { "$@"; }
    FROZEN=1
    compare -m -e create,delete -e attrib d
    compare -m -e CREATE -e Moved_To,OPEN d
    compare -m -e all_events d
    compare -m -e create,isdir d
    compare -m -e close,move d
    compare -m --event modify --event=delete d
}

@test "-e oneshot: as inotifywait" {
    NAMES=(inotifywait)
    act() {
        step touch d/a
        step touch d/b
    }
    compare -e oneshot,create d
    [[ $STATUS == 0 ]]
    compare -e create,ONESHOT d
}

@test "one-shot: what was not asked for ends the run with status 1" {
    act() {
        rm f
    }
    local event
    SILENT=1
    for event in modify open create move_self unmount; do
        compare -e "$event" f
        [[ $STATUS == 1 ]] || fail "status $STATUS for $event"
    done
}

@test "one-shot: a file renamed over" {
    prepare() { touch f new; }
    act() {
        mv new f
    }
    SILENT=1
    compare -e modify f
    [[ $STATUS == 1 ]]
    SILENT=0
    compare -e modify,delete_self f
    [[ $STATUS == 0 ]]
    compare f
    [[ $STATUS == 0 ]]
}

@test "one-shot: deleted and moved, file and directory" {
    local event
    act() {
        rm f
        rmdir d
    }
    for event in delete_self attrib,delete_self; do
        compare -e "$event" f
        compare -e delete_self d
    done
    act() {
        mv f g
        mv d e
    }
    compare -e move_self f
    compare -e move_self d
    compare f
    compare d
}

@test "a file without a name, still open" {
    act() {
        exec {open}>f
        step rm f
        echo text >&"$open"
        settle
        exec {open}>&-
    }
    prepare() { mkdir keep && touch f; }
    compare -m f keep
    prepare() { mkdir d; }
    act() {
        exec {open}>d/f
        step rm d/f
        echo text >&"$open"
        settle
        exec {open}>&-
    }
    compare -m d
}

@test "overwriting by rename, in a directory" {
    prepare() {
        mkdir d e
        touch d/f d/g e/h
    }
    act() {
        step mv d/g d/f
        step mv e/h d/f
        step mv d/f e/h
    }
    compare -m d
    compare -m d e
    compare -m -e move d e
}

@test "UNMOUNT of what is watched, asked for or not" {
    prepare() {
        mkdir -p d keep
        mount_tmpfs d
    }
    act() { umount d; }
    compare -e unmount d
    [[ $STATUS == 0 ]]
    compare -m -e unmount d keep
    SILENT=1
    compare -e modify d
    [[ $STATUS == 1 ]]
}
