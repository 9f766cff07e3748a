#!/usr/bin/env bats
# --limits: the limits of inotify, and who uses how much of them.

load helpers

# The report is printed by a second pywatch, while the first one watches something.
report() { "${RUN[@]}" "$PYWATCH" --limits >report 2>report.err; }

# row PID: watches, instances and program of that process.
row() { awk -v pid="$1" '/^In use, by process/ { on = 1 } on && $3 == pid { print $1, $2, $5 }' report; }

@test "--limits: each limit as the kernel has it, and the lines that raise it" {
    report
    [[ ! -s report.err ]]
    for name in max_user_instances max_user_watches max_queued_events; do
        value=$(awk -v name="$name" '$1 == name { print $2 }' report)
        [[ $value == "$(cat "/proc/sys/fs/inotify/$name")" ||
            $value == "$(cat "/proc/sys/user/max_inotify_${name#max_user_}")" ]]
        grep -q -E "^  sysctl [a-z_.]*(${name}|max_inotify_${name#max_user_})=$((value * 2))$" report
        grep -q -E "^  echo [a-z_.]*=$((value * 2)) >>/etc/sysctl.d/" report
    done
}

@test "--limits: a process with its watches and instances, the largest first" {
    mkdir d/{1..7}
    begin -m -r -q -q d
    watching 8
    first=$PID
    begin -m -q -q d/1 d/2
    watching 2
    report
    [[ $(row "$first") == '8 1 pywatch' ]]
    [[ $(row "$PID") == '2 1 pywatch' ]]
    awk '/^In use, by process/ { on = 1; getline; next } on && NF == 0 { exit } on { print $1 }' \
        report >column
    sort -c -n -r column
}

@test "--limits: a user has the sum of his processes" {
    begin -m -q -q d
    watching 1
    report
    user=$(id -un)
    sum=$(awk -v user="$user" '/^In use, by process/ { on = 1 } on && $4 == user { n += $1 } END { print n }' report)
    [[ $(awk -v user="$user" '/^In use, by user/ { on = 1 } on && $1 == user { print $3; exit }' report) == "$sum" ]]
}

@test "--limits: two instances of one process, and the watches of both" {
    python3 -c 'import ctypes, sys, time
c = ctypes.CDLL(None)
for d in "d", ".":
    c.inotify_add_watch(c.inotify_init(), d.encode(), 2)
print("ready", flush=True)
time.sleep(60)' >"$OUT" 3>&- &
    PID=$!
    PIDS+=("$PID")
    within printed ready
    report
    [[ $(row "$PID") == '2 2 python3' ]]
}

@test "--limits: the name of a program cannot forge a line" {
    cp "$(command -v sleep)" x
    printf '%s' 'import ctypes, time
c = ctypes.CDLL(None)
c.inotify_init()
c.prctl(15, b"a\n  9 9 9 root b", 0, 0, 0)
print("ready", flush=True)
time.sleep(60)' >forge.py
    python3 forge.py >"$OUT" 3>&- &
    PID=$!
    PIDS+=("$PID")
    within printed ready
    report
    grep -q -F 'a\n' report
    [[ -z $(row 9) ]]
}

@test "--limits without root: one's own processes, and how many could not be seen" {
    ((EUID == 0)) || skip "not root: there is no other user's process to be blind to"
    begin -m -q -q d
    watching 1
    roots=$PID
    unprivileged
    RUN=(env -C / "${RUN[@]}")
    begin -m -q -q /
    watching 1
    report
    [[ $(row "$PID") == '1 1 pywatch' ]]
    [[ -z $(row "$roots") ]]
    grep -q -E '^Not seen: [1-9][0-9]* process(es)? that this user may not look at, but root may' report
}

@test "--limits: the limit of the namespace where it is lower, by its own name" {
    limited max_inotify_watches 77
    report
    grep -q -E '^  max_user_watches +77 ' report
    grep -q -F 'sysctl user.max_inotify_watches=154' report
}

@test "--limits: no path, not with --json, and a full disk is told of" {
    finished --limits d
    expect_error 'pywatch: --limits watches nothing, and takes no path.'
    finished --limits --json
    expect_error 'pywatch: --limits and --json cannot both be specified.'
    STATUS=0
    "$PYWATCH" --limits >/dev/full 2>"$ERR" || STATUS=$?
    expect_status 1
    said 'No space left on device'
}
