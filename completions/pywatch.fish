# pywatch.fish - completion of pywatch for fish 3.0 and later.
#
# Owns: what can be typed next. Must not know: what it leads to. A check holds the options, events,
# flags and conversions here against the program's tables.

set -g __pywatch_events \
    'ACCESS\tit was read, or executed' \
    'MODIFY\tits contents changed' \
    'ATTRIB\tits mode, owner, times, link count or extended attributes changed' \
    'CLOSE_WRITE\tclosed by someone who could write to it' \
    'CLOSE_NOWRITE\tclosed by someone who could only read it' \
    'OPEN\tit was opened' \
    'MOVED_FROM\tan entry was renamed: its old name' \
    'MOVED_TO\tan entry was renamed: its new name' \
    'CREATE\tan entry came to be' \
    'DELETE\tan entry was removed' \
    'DELETE_SELF\tthe watched file or directory was removed' \
    'UNMOUNT\tthe file system that holds it was unmounted' \
    'Q_OVERFLOW\tthe kernel\'s queue was full: records were lost' \
    'IGNORED\tthe watch is gone' \
    'CLOSE\tCLOSE_WRITE or CLOSE_NOWRITE' \
    'MOVE_SELF\tthe watched file or directory was renamed' \
    'ISDIR\tbeside another: it is about a directory' \
    'MOVE\tMOVED_FROM or MOVED_TO' \
    'ALL_EVENTS\tall that a watch can be asked for' \
    'CHANGE\tall that alters anything' \
    'COMPLETE\tCLOSE_WRITE or MOVED_TO: a file is finished'

set -g __pywatch_flags \
    'DONT_FOLLOW\tdo not follow a symbolic link' \
    'EXCL_UNLINK\tno events for entries that have been unlinked' \
    'MASK_ADD\tadd to the events of a watch that is there already' \
    'ONESHOT\tthe watch ends with its first event' \
    'ONLYDIR\trefuse to watch what is not a directory' \
    'MASK_CREATE\trefuse to watch what is being watched already'

set -g __pywatch_types \
    'f\tnot a directory' \
    'd\tdirectory'

set -g __pywatch_conversions \
    '%w\tthe watched file, or the watched directory with a slash' \
    '%f\tthe name of the entry in the watched directory' \
    '%p\tthe full path' \
    '%o\ton MOVED_TO and MOVE, the path that it came from' \
    '%e\tthe names of the events, joined by commas' \
    '%Xe\tthe same, joined by the character X' \
    '%T\tthe local time, as --timefmt says' \
    '%c\tthe cookie that joins MOVED_FROM and MOVED_TO' \
    '%d\tthe watch descriptor' \
    '%m\tthe event mask, in hex' \
    '%s\tthe sequence number of the record' \
    '%n\ta newline' \
    '%0\ta NUL byte' \
    '%%\ta percent sign'

# What has been typed of a value: the token, without an option in front.
function __pywatch_typed
    string replace --regex -- '^(--[a-z-]+=|-[^-e]*e)' '' (commandline --current-token)
end

# Elements of a comma list; each argument is a name, a tab and a description.
function __pywatch_list
    set -l typed (__pywatch_typed | string trim --left --chars '"\'')
    set -l before (string match --regex -- '^.*,' "$typed")
    for element in $argv
        set -l row (string split \t -- (printf %b $element))
        contains -- (string upper $row[1]) (string split , -- (string upper -- "$before"))
        and continue
        printf '%s%s\t%s\n' "$before" $row
    end
end

# A percent sign that is not the second of a pair begins a conversion.
function __pywatch_format
    set -l typed (__pywatch_typed | string trim --left --chars '"\'')
    string match --quiet --regex -- '^(.*[^%])?(%%)*%$' "$typed"; or return
    set -l before (string replace --regex -- '%$' '' "$typed")
    for conversion in $__pywatch_conversions
        printf '%s%b\n' "$before" $conversion
    end
end

# Directories to leave out.
function __pywatch_excluded
    __fish_complete_path (commandline --current-token | string replace @ '') |
        string replace --regex '^' @
end

function __pywatch_at
    string match --quiet '@*' -- (commandline --current-token)
end

complete -c pywatch -s r -l recursive -d 'watch directories with all that is below them'
complete -c pywatch -l max-depth -x -d 'how deep -r goes'
complete -c pywatch -s x -l one-file-system -d 'do not descend into other file systems'
complete -c pywatch -l initial -d 'first report what is already there'
complete -c pywatch -l snapshot -d 'remember entries, to report what changed while events were lost'
complete -c pywatch -l follow -d 'watch paths, whatever they lead to'
complete -c pywatch -l ignore -x -d 'neither report nor descend into entries of such a name'
complete -c pywatch -l control -r -F -d 'take commands from a file while running'
complete -c pywatch -l fromfile -r -F -d 'read more paths from a file'
complete -c pywatch -s P -l no-dereference -d 'do not follow symbolic links'
complete -c pywatch -l flags -x -a '(__pywatch_list $__pywatch_flags)' -d 'watch flags by name'
complete -c pywatch -s I -l inotify -d 'watch by inotify, as is done without this option'
complete -c pywatch -s e -l event -x -a '(__pywatch_list $__pywatch_events)' -d 'only these events'
complete -c pywatch -l exclude -x -d 'none whose path matches'
complete -c pywatch -l excludei -x -d 'the same, upper and lower case alike'
complete -c pywatch -l include -x -d 'only those whose path matches'
complete -c pywatch -l includei -x -d 'the same, upper and lower case alike'
complete -c pywatch -l type -x -a '(__pywatch_list $__pywatch_types)' -d 'only about these kinds'
complete -c pywatch -s m -l monitor -d 'go on after the first event'
complete -c pywatch -s d -l daemon -d 'go on in the background'
complete -c pywatch -l pidfile -r -F -d 'with -d, hold a locked file with the number of the process'
complete -c pywatch -s n -l count -x -d 'end after so many records, with status 0'
complete -c pywatch -s t -l timeout -x -d 'end after so long without an event, with status 2'
complete -c pywatch -s j -l json -d 'one JSON object a line'
complete -c pywatch -l status -d 'with -j, records of what pywatch itself does'
complete -c pywatch -l tag -x -d 'put a member at the end of each JSON object'
complete -c pywatch -s c -l csv -d 'comma-separated values'
complete -c pywatch -l format -x -a '(__pywatch_format)' -d 'as the format says'
complete -c pywatch -l no-newline -d 'put no newline after --format'
complete -c pywatch -l timefmt -x -d 'strftime(3) format of %T in --format'
complete -c pywatch -s 0 -l null -d 'end each record with NUL instead of newline'
# --color takes its value after an equals sign only, and fish has no word for that.
complete -c pywatch -l color -d colours
for when in auto always never
    complete -c pywatch -f -n 'string match -q -- "--color=*" (commandline -ct)' -a "--color=$when"
end
complete -c pywatch -l summary -d 'a table of what happened, at the end or every so often'
for seconds in 1 10 60
    complete -c pywatch -f -n 'string match -q -- "--summary=*" (commandline -ct)' -a "--summary=$seconds"
end
complete -c pywatch -l sort -x -d 'order of the table' \
    -a 'total access modify attrib close_write close_nowrite open moved_from moved_to move_self create delete delete_self unmount'
complete -c pywatch -l zero -d 'rows and columns of nothing but zeros too'
complete -c pywatch -l join-moves -d 'one MOVE with both paths for a rename'
complete -c pywatch -l settle -x -d 'hold records until their path is quiet for so many ms'
complete -c pywatch -l max-delay -x -d 'the longest that --settle holds a record'
complete -c pywatch -s o -l outfile -r -F -d 'append records to a file'
complete -c pywatch -l buffer -x -d 'how much output waits in memory for a slow reader'
complete -c pywatch -x -l ready-fd -d 'write a newline to a descriptor when all is watched'
complete -c pywatch -s q -l quiet -d 'nothing but records and errors; twice, no records either'
complete -c pywatch -s v -l verbose -d 'tell about watches, and events that are not reported'
complete -c pywatch -f -l limits -d 'print limits on watching and who uses them, and end'
complete -c pywatch -s s -l syslog -d 'messages go to the system\'s log'
complete -c pywatch -s h -l help -d 'print help and end'
complete -c pywatch -s V -l version -d 'print version and licence and end'
complete -c pywatch -n __pywatch_at -a '(__pywatch_excluded)'
