#!/usr/bin/env bats
# doc/examples/to-*.sh: records shipped to a broker, a server and the journal, each a real one that
# the test starts for itself.

bats_require_minimum_version 1.5.0
load helpers
load example

# A port that nothing listens on.
free_port() {
    python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# background COMMAND...: until the test is over; its pid is in $!.
background() {
    "$@" </dev/null >>log 2>&1 3>&- &
    PIDS+=("$!")
}

got() { grep -q -a -F -e "$1" received; }

@test "to-mqtt.sh: a broker has the records, and those from while it was away" {
    require mosquitto
    require mosquitto_pub
    MQTT_PORT=$(free_port)
    export MQTT_PORT
    # The reader's session outlives the broker, so that what comes before it is back is kept for it.
    printf 'listener %s 127.0.0.1\nallow_anonymous true\nuser %s\npersistence true\n' \
        "$MQTT_PORT" "$(id -un)" >conf
    printf 'persistence_location %s/\n' "$PWD" >>conf
    start_broker() {
        background mosquitto -c conf
        BROKER=$!
        within mosquitto_pub -p "$MQTT_PORT" -t up -m up 2>/dev/null
    }
    start_broker
    mosquitto_sub -p "$MQTT_PORT" -c -i reader -q 1 -t 'watch/#' -t up >received 2>>log 3>&- &
    PIDS+=("$!")
    subscribed() { mosquitto_pub -p "$MQTT_PORT" -t up -m here && got here; }
    within subscribed
    example to-mqtt.sh watch/d d
    within got '"status":"ready"'
    echo >'d/a b'
    mv 'd/a b' $'d/new\nline'
    within got '"events":["MOVE"]'
    grep '"MOVE"' received >record
    [[ $(jq -r '.host + " " + .service + " " + .from' record) == "$(uname -n) d d/a b" ]]
    [[ $(jq .path record) == '"d/new\nline"' ]]

    kill "$BROKER"
    wait "$BROKER" || true
    echo >d/meanwhile
    start_broker
    echo >d/afterwards
    within got '"path":"d/afterwards"'
    within got '"path":"d/meanwhile"'
    # All of them, once, in order.
    [[ $(grep '^{' received | jq -s 'map(.seq) | unique == [range(1; length + 1)]') == true ]]
}

@test "to-mqtt.sh: without a broker it ends, and says why" {
    require mosquitto_pub
    MQTT_PORT=$(free_port)
    export MQTT_PORT
    example to-mqtt.sh watch/d d
    finish
    [[ $STATUS != 0 ]]
    said refused
}

@test "to-redis.sh: a stream has the records, and those from while the server was away" {
    require redis-server
    require redis-cli
    REDIS_PORT=$(free_port)
    export REDIS_PORT
    cli() { redis-cli -p "$REDIS_PORT" "$@" 2>/dev/null; }
    up() { [[ $(cli PING) == PONG ]]; }
    start_server() {
        background redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --dir "$PWD" \
            --appendonly yes --appendfsync always
        SERVER=$!
        within up
    }
    # One line a record.
    entries() { cli XRANGE watch - + | grep '^{'; }
    in_stream() { entries | grep -q -F -e "$1"; }
    start_server
    example to-redis.sh watch d
    within in_stream '"status":"ready"'
    echo "x" >$'d/quote " and \\ and\nnewline \xff'
    within in_stream path_b64
    [[ $(entries | jq -r 'select(.path_b64) | .host + " " + .service + " " + (.path_b64 | @base64d)' |
        head -c 30) == "$(uname -n) watch d/quote"* ]]
    [[ $(entries | jq -r 'select(.path_b64) | .path_b64' | base64 -d | md5sum) == \
        $(printf 'd/quote " and \\ and\nnewline \xff' | md5sum) ]]

    kill "$SERVER"
    wait "$SERVER" || true
    echo >d/meanwhile
    within said refused
    start_server
    within in_stream '"path":"d/meanwhile"'
    [[ $(entries | jq -s 'map(.seq) == [range(1; length + 1)]') == true ]]
}

@test "to-redis.sh: a key that is no stream ends it" {
    require redis-server
    require redis-cli
    REDIS_PORT=$(free_port)
    export REDIS_PORT
    background redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --save ''
    set_key() { redis-cli -p "$REDIS_PORT" SET watch x 2>/dev/null | grep -q OK; }
    within set_key
    example to-redis.sh watch d
    finish
    expect_status 1
    said WRONGTYPE
}

# journald in a mount namespace of its own, so that the machine's is left alone.
journal() { nsenter --mount="/proc/$JOURNALD/ns/mnt" --wd="$PWD" "$@"; }

start_journald() {
    local journald=/lib/systemd/systemd-journald

    [[ -x $journald ]] || skip "systemd-journald is not installed"
    require systemd-cat
    # shellcheck disable=SC2016
    background unshare -m sh -c "$LET_GO"'
        mount -t tmpfs pywatch-test /run &&
        mkdir -p "/run/log/journal/$(cat /etc/machine-id)" /run/systemd/journal &&
        exec "$0"' "$journald"
    JOURNALD=$!
    listens() { journal test -S /run/systemd/journal/stdout 2>/dev/null; }
    gone() { ! kill -0 "$JOURNALD" 2>/dev/null; }
    listens_or_gone() { listens || gone; }
    within listens_or_gone
    listens || skip "systemd-journald cannot be run here: $(tail -n 1 log)"
}

@test "to-journal.sh: the journal has the records, whole" {
    start_journald
    mkdir -p "$BATS_TEST_TMPDIR/bin"
    ln -sf "$PYWATCH" "$BATS_TEST_TMPDIR/bin/pywatch"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH setsid nsenter --mount="/proc/$JOURNALD/ns/mnt" --wd="$PWD" \
        "$EXAMPLES/to-journal.sh" watch-d d </dev/null >"$OUT" 2>"$ERR" 3>&- &
    PID=$!
    SESSIONS+=("$PID")
    entries() { journal journalctl -q --no-pager -D /run/log/journal -t watch-d -o "$1" 2>/dev/null; }
    in_journal() { entries cat | grep -q -F -e "$1"; }
    within in_journal '"status":"ready"'
    echo >d/f
    echo >$'d/new\nline'
    within in_journal '"path":"d/new\nline"'
    # As the comment at the top of the script has it.
    [[ $(entries cat | jq -R -r 'fromjson? | select(.path) | .service + " " + .host + " " + .path' |
        head -n 1) == "watch-d $(uname -n) d/f" ]]
    [[ $(entries json | jq -r .PRIORITY | sort -u) == 5 ]]
}

@test "they say how they are called" {
    for name in to-mqtt.sh to-redis.sh to-journal.sh mirror.sh rebuild.sh; do
        example "$name" one
        finish
        expect_error usage "$name"
    done
}
