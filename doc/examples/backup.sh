#!/bin/bash
# backup.sh - keeps a copy of each version of some files.
#
# usage: backup.sh --to DIRECTORY [--stop MARKER] [--daemon --log FILE] FILE...
#
#     backup.sh --to ~/versions --stop ~/versions/stop --daemon --log ~/versions/log ~/.bashrc notes
#
# At the start, and whenever a FILE has been written or replaced by another, it is copied to
# DIRECTORY/NAME.1, NAME.2 ..., unless it is as in the last copy. A file may be missing at the start,
# be deleted, and come back, with its directory or without. Touching MARKER ends it. With --daemon it
# goes on in the background once all is watched, and says what it does in the file of --log.
#
# backup.py does the same with bare inotify, and has to watch the directories, tell the watch on a
# file from that on the file before, and look for what it missed between the two. Here --follow does
# that: for each path, --initial begins with CREATE or DELETE_SELF, so once every path has had its
# first record all is watched; after that, CLOSE_WRITE is a version, whichever way it came.
set -u

say() { printf '%s\n' "$*"; }
die() {
    echo "${0##*/}: $*" >&2
    exit 1
}
usage() {
    sed -n 's/^# usage: /usage: /p' "$0" >&2
    exit 1
}

to='' stop='' log='' daemon=''
arguments=()
while (($# > 0)); do
    case $1 in
    --to | --stop | --log)
        (($# > 1)) || usage
        printf -v "${1#--}" %s "$2"
        arguments+=("$1" "$2")
        shift
        ;;
    --daemon) daemon=yes ;;
    --)
        shift
        break
        ;;
    -*) usage ;;
    *) break ;;
    esac
    shift
done
if [[ -z $to ]] || (($# == 0)); then usage; fi
[[ -d $to ]] || die "--to $to: there is no such directory"
[[ -z $daemon || -n $log ]] || die "--daemon needs --log FILE"

declare -A names
for file; do
    [[ ! -e $file || -f $file ]] || die "$file is not a regular file"
    [[ -z ${names[${file##*/}]-} ]] || die "two files of the name ${file##*/} would share their copies"
    names[${file##*/}]=yes
done

if [[ -n $daemon ]]; then
    # Its first words come back through a pipe; then it has a session, and a log, of its own.
    while read -r line; do
        [[ $line == ready ]] && exit 0
        say "$line"
    done < <(setsid "$0" "${arguments[@]}" -- "$@" </dev/null)
    exit 1
fi

# copy FILE: the version that is there now, if it is another than the last.
copy() {
    local name=$to/${1##*/} number=1

    while [[ -e $name.$number ]]; do ((number++)); done
    [[ -f $1 ]] || return
    ((number > 1)) && cmp -s -- "$1" "$name.$((number - 1))" && return
    # A copy gets its number once it is whole. If the file has gone meanwhile, there is none.
    cp -p -- "$1" "$name.part" 2>/dev/null || return
    mv -- "$name.part" "$name.$number"
    say "$1: copied to $name.$number"
}

# copy_all FILE ALL...: it, and those of ALL that are other names of it: pywatch tells of the first.
copy_all() {
    local changed=$1 file

    shift
    for file; do
        [[ $file == "$changed" || $file -ef $changed ]] && copy "$file"
    done
}

exec {records}< <(exec pywatch -q --follow --initial -m -0 --format '%e %w%f' \
    -e create,close_write,delete_self,attrib -- ${stop:+"$stop"} "$@")
watcher=$!
trap 'kill "$watcher" 2>/dev/null' EXIT

declare -A known
wanted=$# ready=''
[[ -z $stop ]] || ((wanted++))
while IFS= read -r -d '' -u "$records" record; do
    event=${record%% *} path=${record#* }
    first=${known[$path]-yes}
    known[$path]=no
    if [[ $path == "$stop" ]]; then
        # ATTRIB also comes when it is deleted.
        [[ $first == no && $event != DELETE_SELF && -e $stop ]] && exit 0
    else
        case $event in
        CLOSE_WRITE*) copy_all "$path" "$@" ;;
        CREATE) if [[ $first == yes ]]; then copy "$path"; else say "$path: watched again"; fi ;;
        DELETE_SELF) [[ $first == yes ]] || say "$path: gone" ;;
        esac
    fi
    if [[ -z $ready ]] && ((${#known[@]} >= wanted)); then
        ready=yes
        say ready
        [[ -z $log ]] || exec >>"$log" 2>&1
    fi
done
die "pywatch has ended"
