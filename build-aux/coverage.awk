# Makes a table from what `gcov -n` prints: lines run, lines, per cent, for each source of ours.
/^File / {
    file = substr($0, 7, length($0) - 7)
    ours = file ~ /(^|\/)src\/(python\/)?[^\/]*\.c$/
    sub(/.*src\//, "src/", file)
}
/^Lines executed:/ && ours {
    split($0, part, /[:% ]+/)
    percent = part[3]
    lines = part[5]
    hit = int(percent * lines / 100 + 0.5)
    printf "%-26s %6d of %6d  %6.2f%%\n", file, hit, lines, percent
    total += lines
    run += hit
    ours = 0
}
END {
    if (!total) {
        print "no coverage data" > "/dev/stderr"
        exit 1
    }
    printf "%-26s %6d of %6d  %6.2f%%\n", "total", run, total, 100 * run / total
}
