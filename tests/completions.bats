#!/usr/bin/env bats
# Completions: what somebody gets who types half a word and the tab key, in a real interactive
# shell. A line is typed with <TAB> in it, and the command that it ends in prints its arguments.

bats_require_minimum_version 1.5.0

top_srcdir=${top_srcdir:-$BATS_TEST_DIRNAME/..}
completions=$(cd "$top_srcdir/completions" && pwd)

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir -p work/sub/deep 'work/two words' rc
    touch work/list.txt 'work/odd file'
    export HOME=$BATS_TEST_TMPDIR TERM=dumb LC_ALL=C.UTF-8
    # `script` starts $SHELL.
    export SHELL=/bin/sh
    cat >rc/common <<END
pywatch() { printf 'ARGS'; printf '<%s>' "\$@"; echo; }
cd '$BATS_TEST_TMPDIR/work'
END
    cat >rc/bash <<END
. rc/common
PS1='READY>' PS2='READY>'
bind 'set bell-style none'
bind 'set enable-bracketed-paste off'
. '$completions/pywatch.bash'
END
    cat >rc/.zshrc <<END
. rc/common
PS1='READY>' PS2='READY>' PROMPT_EOL_MARK= LISTMAX=1000
unset zle_bracketed_paste
fpath=('$completions' \$fpath)
autoload -Uz compinit
compinit -D -u
bindkey '^I' complete-word
END
}

require() {
    command -v "$1" >/dev/null || skip "$1 is not installed"
}

# prompted: reads what the terminal shows up to the next prompt, into $shown.
prompted() {
    local part

    shown=
    while IFS= read -r -d '>' -t 20 -u "${TERMINAL[0]}" part; do
        shown+=$part
        [[ $part == *READY ]] && return
        shown+='>'
    done
    echo "no prompt after: $shown" >&2
    return 1
}

# open_shell COMMAND: starts it on a terminal. A line typed too early would be for the terminal's
# own line editing, which knows no tab key: so each waits for the prompt.
open_shell() {
    coproc TERMINAL { exec script -q -c "$1" /dev/null 3>&-; }
    prompted
}

close_shell() {
    local pid=$TERMINAL_PID

    echo 'exit 0' >&"${TERMINAL[1]}"
    cat <&"${TERMINAL[0]}" >/dev/null 2>&1 || true
    wait "$pid" || true
}

# typed LINE ARGUMENTS: the line, with tab for each <TAB>, runs pywatch with just these arguments.
typed() {
    local got

    printf '%s\n' "${1//<TAB>/$'\t'}" >&"${TERMINAL[1]}"
    prompted
    got=$(tr -d '\r' <<<"$shown" | grep '^ARGS') || true
    [[ $got == "ARGS$2" ]] && return
    printf 'typed %s\nexpected %s\ngot %s\nshown %q\n' "$1" "ARGS$2" "$got" "$shown" >&2
    return 1
}

# listed LINE N: zsh shows N matches, and then the line again.
listed() {
    local n

    printf '%s' "${1//<TAB>/$'\t'}" >&"${TERMINAL[1]}"
    prompted
    n=$(grep -c -e ' -- ' <<<"$shown") || true
    [[ $n == "$2" ]] && return
    printf 'typed %s\nexpected %s matches, not %s\nshown %q\n' "$1" "$2" "$n" "$shown" >&2
    return 1
}

# What all shells do alike.
common_lines() {
    # options
    typed 'pywatch --rec<TAB>d' '<--recursive><d>'
    typed 'pywatch --one<TAB>d' '<--one-file-system><d>'
    typed 'pywatch -m --no-new<TAB>d' '<-m><--no-newline><d>'
    # events, alone and in lists
    typed 'pywatch -e UNM<TAB> d' '<-e><UNMOUNT><d>'
    typed 'pywatch -e MODIFY,DELETE_<TAB> d' '<-e><MODIFY,DELETE_SELF><d>'
    typed 'pywatch -e mod<TAB> d' '<-e><MODIFY><d>'
    typed 'pywatch -mre compl<TAB> d' '<-mre><COMPLETE><d>'
    typed 'pywatch -eunm<TAB> d' '<-eUNMOUNT><d>'
    typed 'pywatch --event MODIFY,unm<TAB> d' '<--event><MODIFY,UNMOUNT><d>'
    typed 'pywatch --event=MODIFY,DELETE_<TAB> d' '<--event=MODIFY,DELETE_SELF><d>'
    # a name that is there already is not offered again
    typed 'pywatch -e MOVED_FROM,MOVED_<TAB> d' '<-e><MOVED_FROM,MOVED_TO><d>'
    # watch flags
    typed 'pywatch --flags ONL<TAB> d' '<--flags><ONLYDIR><d>'
    typed 'pywatch --flags=ONLYDIR,mask_c<TAB> d' '<--flags=ONLYDIR,MASK_CREATE><d>'
    # other values
    typed 'pywatch --color=al<TAB> d' '<--color=always><d>'
    # files
    typed 'pywatch li<TAB>' '<list.txt>'
    typed 'pywatch odd<TAB>' '<odd file>'
    typed 'pywatch -o li<TAB>d' '<-o><list.txt><d>'
    typed 'pywatch -oli<TAB>d' '<-olist.txt><d>'
    typed 'pywatch --fromfile=li<TAB>d' '<--fromfile=list.txt><d>'
    typed 'pywatch --fromfile odd<TAB>d' '<--fromfile><odd file><d>'
    # directories and files to leave out
    typed 'pywatch @li<TAB>x' '<@list.txt><x>'
    typed 'pywatch @su<TAB>x' '<@sub/x>'
    typed 'pywatch @sub/d<TAB>x' '<@sub/deep/x>'
    typed 'pywatch @tw<TAB>x' '<@two words/x>'
    # no file names where something else is wanted
    typed 'pywatch --exclude su<TAB>' '<--exclude><su>'
    typed 'pywatch -n <TAB>3 d' '<-n><3><d>'
}

bash_lines() {
    common_lines
    typed 'pywatch -e in_modi<TAB> d' '<-e><IN_MODIFY><d>'
    typed "pywatch -e 'modify,delete_s<TAB>" '<-e><modify,DELETE_SELF>'
    typed 'pywatch --type=d<TAB>x' '<--type=d><x>'
    typed 'pywatch "@tw<TAB>' '<@two words/>'
    typed 'pywatch -- -<TAB>d' '<--><-d>'
    typed 'pywatch -- @su<TAB>' '<--><@sub/>'
    # shellcheck disable=SC2016
    typed 'COMP_WORDBREAKS=${COMP_WORDBREAKS//=/}; pywatch d' '<d>'
    typed 'pywatch --event=MODIFY,DELETE_<TAB> d' '<--event=MODIFY,DELETE_SELF><d>'
    typed 'pywatch --fromfile=li<TAB>d' '<--fromfile=list.txt><d>'
}

@test "bash by itself" {
    require script
    open_shell 'bash --noprofile --rcfile rc/bash -i'
    bash_lines
    close_shell
}

@test "bash with bash-completion" {
    require script
    local package=/usr/share/bash-completion/bash_completion

    [[ -r $package ]] || skip "bash-completion is not installed"
    sed -i "1i. $package" rc/bash
    open_shell 'bash --noprofile --rcfile rc/bash -i'
    bash_lines
    close_shell
}

# replies WORD...: what bash is offered for the last word, one a line; no terminal, no readline.
replies() {
    # shellcheck disable=SC2016
    env -i PATH="$PATH" bash --noprofile --norc -c '
        . "$0"
        COMP_WORDS=(pywatch "$@")
        COMP_CWORD=$#
        word=${*: -1}
        _pywatch pywatch "${word#=}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf "%s\n" "${COMPREPLY[@]}"
    ' "$completions/pywatch.bash" "$@"
}

rows() { sed -n -E "s/^($1)\(.*/x/p" "$top_srcdir/src/$2" | wc -l; }

@test "bash is offered everything that the tables have" {
    [[ $(replies -- | grep -c '^--') == "$(rows OPTION options.def)" ]]
    [[ $(replies - | grep -c '^-[^-]$') == "$(grep -c "^OPTION.*, '.', " "$top_srcdir/src/options.def")" ]]
    [[ $(replies -e '' | wc -l) == "$(rows 'EVENT|EVENT_JOINT|EVENT_GROUP' event.def)" ]]
    [[ $(replies --event = | wc -l) == "$(rows 'EVENT|EVENT_JOINT|EVENT_GROUP' event.def)" ]]
    [[ $(replies --flags '' | wc -l) == "$(rows WATCH_FLAG event.def)" ]]
    [[ $(replies --format %w% | wc -l) == "$(rows FORMAT_CONVERSION format.def)" ]]
    [[ $(replies --format %w% | head -n 2 | tr '\n' ' ') == '%w%w %w%f ' ]]
    # "%%" is whole
    [[ -z $(replies --format %%) ]]
    [[ $(replies --type '') == $'f\nd\nf,d' ]]
    [[ $(replies --color = '') == $'auto\nalways\nnever' ]]
    # --color takes its value after an equals sign only
    [[ -z $(replies --color '') ]]
}

@test "zsh" {
    require script
    require zsh
    export ZDOTDIR=$BATS_TEST_TMPDIR/rc
    open_shell 'zsh -d -i'
    common_lines
    typed 'pywatch --type f<TAB> d' '<--type><f><d>'
    # once is enough for most options, but not for these
    typed 'pywatch -q --qui<TAB>d' '<-q><--quiet><d>'
    typed 'pywatch -r --recu<TAB> d' '<-r><--recu><d>'
    # Every match is listed, with what it means, and the line goes on behind it.
    listed 'pywatch -e <TAB>' "$(rows 'EVENT|EVENT_JOINT|EVENT_GROUP' event.def)"
    typed 'open d' '<-e><open><d>'
    listed 'pywatch --flags ONLYDIR,<TAB>' "$(($(rows WATCH_FLAG event.def) - 1))"
    typed 'ONESHOT d' '<--flags><ONLYDIR,ONESHOT><d>'
    listed "pywatch --format '%w%%%<TAB>" "$(rows FORMAT_CONVERSION format.def)"
    typed "f' d" '<--format><%w%%%f><d>'
    close_shell
}

# offered LINE: what fish offers for it, without the descriptions.
offered() {
    # shellcheck disable=SC2016
    (cd work && fish --no-config -c 'source $argv[1]; complete -C $argv[2]' -- \
        "$completions/pywatch.fish" "$1" | cut -f 1)
}

# offers LINE WORD...: just these.
offers() {
    local line=$1

    shift
    diff <(offered "$line") <((($# == 0)) || printf '%s\n' "$@") >&2
}

@test "fish" {
    require fish
    offers 'pywatch --rec' --recursive
    offers 'pywatch -m --no-new' --no-newline
    offers 'pywatch -e UNM' UNMOUNT
    offers 'pywatch -e MODIFY,DELETE_' MODIFY,DELETE_SELF
    offers 'pywatch -e mod' MODIFY
    offers 'pywatch -mre compl' COMPLETE
    offers 'pywatch -eunm' UNMOUNT
    offers 'pywatch --event=MODIFY,unm' MODIFY,UNMOUNT
    offers 'pywatch -e MOVED_FROM,MOVED_' MOVED_FROM,MOVED_TO
    offers 'pywatch --flags ONL' ONLYDIR
    offers 'pywatch --flags=ONLYDIR,mask_c' ONLYDIR,MASK_CREATE
    offers 'pywatch --type f,' f,d
    offers 'pywatch --color=' --color=always --color=auto --color=never
    offers 'pywatch li' list.txt
    offers 'pywatch -o li' list.txt
    offers 'pywatch --fromfile=li' --fromfile=list.txt
    offers 'pywatch @su' @sub/
    offers 'pywatch @li' @list.txt
    offers 'pywatch @sub/d' @sub/deep/
    offers 'pywatch @tw' '@two words/'
    offers 'pywatch --exclude '
    offers 'pywatch -n '
    offers 'pywatch --format %%'
}

@test "fish is offered everything that the tables have" {
    require fish
    [[ $(offered 'pywatch --' | grep -c '^--') == "$(rows OPTION options.def)" ]]
    [[ $(offered 'pywatch -e ' | wc -l) == "$(rows 'EVENT|EVENT_JOINT|EVENT_GROUP' event.def)" ]]
    [[ $(offered 'pywatch --flags ' | wc -l) == "$(rows WATCH_FLAG event.def)" ]]
    [[ $(offered 'pywatch --format %w%' | wc -l) == "$(rows FORMAT_CONVERSION format.def)" ]]
}
