#!/bin/bash
# to-mqtt.sh - what happens to files here, as messages to an MQTT broker elsewhere.
#
# usage: to-mqtt.sh TOPIC PATH...
#
# Each message is one JSON object that bears the name of this machine, so that one subscriber can
# follow any number of machines:
#
#     MQTT_HOST=broker.example to-mqtt.sh watch/etc /etc        # on each of them
#     mosquitto_sub -h broker.example -t 'watch/#' | jq '.host + " " + .path'
#
# MQTT_HOST and MQTT_PORT say where the broker is (localhost, 1883). mosquitto_pub connects again
# where the connection breaks, and with -q 1 it sends again what has not been confirmed. If it ends,
# so does pywatch: let a service manager start the whole anew.
set -euo pipefail

if (($# < 2)); then
    echo "usage: ${0##*/} TOPIC PATH..." >&2
    exit 1
fi
topic=$1
shift

# One record a file once it has been quiet for half a second, and renames in one piece.
pywatch -m -r --json --status -e change --settle 500 --join-moves \
    --tag host="$(uname -n)" --tag service="${topic##*/}" -- "$@" |
    mosquitto_pub -h "${MQTT_HOST:-localhost}" -p "${MQTT_PORT:-1883}" -q 1 -t "$topic" -l
