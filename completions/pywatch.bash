# pywatch.bash - completion of pywatch for bash 4.2 and later.
#
# Owns: what can be typed next. Must not know: what it leads to. Needs nothing beside bash itself,
# so that it works with and without the bash-completion package. A check holds the four lists at
# the top against the program's tables.
# shellcheck shell=bash

# Each option as LONG, or LETTER/LONG; '=' after it where a value follows, '?' where one may.
_pywatch_options='
    r/recursive max-depth= x/one-file-system initial snapshot follow ignore= fromfile=
    control=
    P/no-dereference flags= I/inotify
    e/event= exclude= excludei= include= includei= type=
    m/monitor d/daemon pidfile= n/count= t/timeout=
    j/json status tag= c/csv format= no-newline timefmt= 0/null color?
    summary? sort= zero
    join-moves settle= max-delay=
    o/outfile= buffer= ready-fd= q/quiet v/verbose s/syslog
    limits h/help V/version'

_pywatch_events='
    ACCESS MODIFY ATTRIB CLOSE_WRITE CLOSE_NOWRITE OPEN MOVED_FROM MOVED_TO CREATE DELETE
    DELETE_SELF UNMOUNT Q_OVERFLOW IGNORED CLOSE MOVE_SELF ISDIR
    MOVE ALL_EVENTS CHANGE COMPLETE'

_pywatch_flags='DONT_FOLLOW EXCL_UNLINK MASK_ADD ONESHOT ONLYDIR MASK_CREATE'

_pywatch_conversions='%w %f %p %o %e %Xe %T %c %d %m %s %n %0 %%'

# The long name of the option that $1 ends with, where what follows is its value; else nothing.
# With $2, a value may also be left away, so it has to follow an equals sign.
_pywatch_awaits() {
    local word=$1 kinds=${2:+'?'}= option letters

    case $word in
    --?*)
        for option in $_pywatch_options; do
            [[ ${option#?/} == "${word#--}"["$kinds"] ]] && printf '%s' "${word#--}"
        done
        ;;
    -?*)
        # The first letter of a bundle that takes a value takes all that follows it.
        for ((letters = 1; letters < ${#word}; letters++)); do
            for option in $_pywatch_options; do
                [[ $option == "${word:letters:1}"/*= ]] || continue
                option=${option#?/}
                ((letters == ${#word} - 1)) && printf '%s' "${option%=}"
                return
            done
        done
        ;;
    esac
}

# The elements of a comma list: $1 is what has been typed of it, the rest are the names.
_pywatch_list() {
    local typed=$1 before='' last name given=,
    shift

    last=${typed##*,}
    [[ $typed == *,* ]] && before=${typed%,*},
    given=,${before^^}
    last=${last^^}
    for name; do
        # With IN_ in front they are as good.
        [[ $last == IN_* ]] && name=IN_$name
        [[ $name == "$last"* && $given != *,"$name",* ]] && COMPREPLY+=("$before$name")
    done
    compopt -o nospace 2>/dev/null
}

_pywatch_words() {
    mapfile -t COMPREPLY < <(compgen -W "$2" -- "$1")
}

_pywatch_letters() {
    local option

    for option in $_pywatch_options; do
        [[ $option == ?/* ]] && printf -- '-%s ' "${option%%/*}"
    done
}

_pywatch_longs() {
    local option

    for option in $_pywatch_options; do
        option=${option#?/}
        printf -- '--%s ' "${option%[=?]}"
    done
}

# The value of an option: $1 is its long name, $2 what has been typed, $3 what stands before it in
# the same word and has to stay there.
_pywatch_value() {
    local option=$1 typed=$2 before=$3 conversion i

    case $option in
    event)
        # shellcheck disable=SC2086
        _pywatch_list "$typed" $_pywatch_events
        ;;
    flags)
        # shellcheck disable=SC2086
        _pywatch_list "$typed" $_pywatch_flags
        ;;
    type)
        _pywatch_words "$typed" 'f d f,d'
        ;;
    sort)
        _pywatch_words "$typed" 'total access modify attrib close_write close_nowrite open moved_from
            moved_to move_self create delete delete_self unmount'
        ;;
    color)
        _pywatch_words "$typed" 'auto always never'
        ;;
    format)
        # A percent sign that is not the second of a pair begins a conversion.
        [[ ${typed//%%/} == *% ]] && for conversion in $_pywatch_conversions; do
            COMPREPLY+=("${typed%\%}$conversion")
        done
        compopt -o nospace 2>/dev/null
        ;;
    control | fromfile | outfile | pidfile)
        # Nothing from here means file names, and readline quotes them as they need it; but where
        # the option is in the same word, it would look for a file with all of that in its name.
        [[ -n $before ]] && mapfile -t COMPREPLY < <(compgen -f -- "$typed")
        [[ -n $before ]] || return 0
        ;;
    esac
    for i in "${!COMPREPLY[@]}"; do
        COMPREPLY[i]=$before${COMPREPLY[i]}
    done
    # No file names where something else is wanted.
    compopt +o default +o bashdefault 2>/dev/null
}

# Names after an '@'; the rest of what can be an operand is readline's own to complete.
_pywatch_excluded() {
    local name

    while IFS= read -r name; do
        if [[ -d $name ]]; then
            COMPREPLY+=("@$name/")
            compopt -o nospace 2>/dev/null
        else
            COMPREPLY+=("@$name")
        fi
    done < <(compgen -f -- "${1#@}")
    compopt -o filenames +o default +o bashdefault 2>/dev/null
}

_pywatch_only_operands() {
    local i

    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == -- ]] && return 0
    done
    return 1
}

# Bash calls it with the command, the word under the cursor (without an opening quote), and the
# word before that. COMP_WORDS has '=' as a word of its own, unless COMP_WORDBREAKS says otherwise.
_pywatch() {
    local word=$2 before='' at=$((COMP_CWORD - 1)) option=''

    COMPREPLY=()
    if _pywatch_only_operands; then
        [[ $word == @* ]] && _pywatch_excluded "$word"
        return 0
    fi
    if [[ ${COMP_WORDS[COMP_CWORD]} == '=' ]]; then
        option=$(_pywatch_awaits "${COMP_WORDS[at]}" =)
    elif [[ ${COMP_WORDS[at]} == '=' ]] && ((at > 1)); then
        option=$(_pywatch_awaits "${COMP_WORDS[at - 1]}" =)
    elif ((at > 0)); then
        option=$(_pywatch_awaits "${COMP_WORDS[at]}")
    fi
    if [[ -z $option && $word == --*=* ]]; then
        before=${word%%=*}=
        word=${word#*=}
        option=$(_pywatch_awaits "${before%=}" =)
    elif [[ -z $option && $word == -[!-]*[!-]* ]]; then
        # -eMODIFY: the longest part in front that awaits a value.
        at=1
        while ((++at < ${#word})) && [[ -z $option ]]; do
            option=$(_pywatch_awaits "${word:0:at}")
        done
        if [[ -n $option ]]; then
            before=${word:0:at - 1}
            word=${word:at - 1}
        fi
    fi
    if [[ -n $option ]]; then
        _pywatch_value "$option" "$word" "$before"
    elif [[ $word == --* ]]; then
        _pywatch_words "$word" "$(_pywatch_longs)"
    elif [[ $word == -* ]]; then
        _pywatch_words "$word" "$(_pywatch_letters)$(_pywatch_longs)"
    elif [[ $word == @* ]]; then
        _pywatch_excluded "$word"
    fi
}

complete -o bashdefault -o default -F _pywatch pywatch
