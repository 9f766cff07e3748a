/*
 * unit_options_paths.c - operands, --fromfile, --help, --version.
 */
#include "config.h"

#include "options_run.h"

/* With this on standard input, "--fromfile - x" leads to that. */
static void lines_are(const char *what, const char *input, size_t len, int status,
                      const char *out, const char *error)
{
    struct run r = run_input("pywatch --fromfile - x", input, len);

    ok(r.status == status && strcmp(r.out, out) == 0 && strcmp(r.err, error) == 0, "%s", what);
    if (r.status != status || strcmp(r.out, out) != 0 || strcmp(r.err, error) != 0)
        printf("# %d '%s' '%s'\n", r.status, r.out, r.err);
}

#define LINES(what, input, out) lines_are(what, input, sizeof(input) - 1, WENT_ON, out, "")
#define FAULTY(what, input, error) lines_are(what, input, sizeof(input) - 1, 1, "", error)

static void test_fromfile(void)
{
    char *deep = malloc(100001);
    struct run r;

    LINES("lines come before operands", "a\nb\n", "path=a path=b path=x ");
    LINES("nothing", "", "path=x ");
    LINES("blank lines", "\n\na\n\n\nb\n\n", "path=a path=b path=x ");
    LINES("no newline at the end", "a\nb", "path=a path=b path=x ");
    LINES("every byte counts", " a \n\tb\r\n\xff\x1b\n",
          "path= a  path=\tb\r path=\xff\x1b path=x ");
    LINES("a line that looks like an option", "--json\n", "path=--json path=x ");
    LINES("excluded ones", "@a b\n@@c\n", "path=x excluded=a b excluded=@c ");
    FAULTY("an @ alone", "a\n@\n", "pywatch: '@' alone leaves nothing out; accepted: @PATH\n");
    FAULTY("a NUL byte", "a\nb\0c\n",
           "pywatch: --fromfile: line 2 of standard input holds a NUL byte, which no path can\n");
    memset(deep, 'd', 100000);
    deep[100000] = '\0';
    r = run_input("pywatch --fromfile -", deep, 100000);
    ok(r.status == WENT_ON && strlen(r.out) == 100006 && strncmp(r.out, "path=ddd", 8) == 0,
       "a line of 100,000 bytes");
    free(deep);

    bad("pywatch --fromfile -", "No files specified to watch!");
    bad("pywatch --fromfile /does/not/exist x",
        "Couldn't open /does/not/exist: No such file or directory");
    bad("pywatch --fromfile / x", "Couldn't read /: Is a directory");
    r = run("inotifywait --fromfile /does/not/exist x");
    ok(r.status == WENT_ON && strcmp(r.out, "path=x classic ") == 0 &&
           strcmp(r.err, "Couldn't open /does/not/exist: No such file or directory\n") == 0,
       "inotifywait goes on with its operands");
}

/* Every path of a long list, in order: the list grows as it should. */
static void test_many(void)
{
    char lines[5000] = "", want[12000] = "";
    size_t n = 0, w = 0;

    for (int i = 0; i < 1000; i++) {
        n += (size_t)snprintf(lines + n, sizeof(lines) - n, "%d\n", i);
        w += (size_t)snprintf(want + w, sizeof(want) - w, "path=%d ", i);
    }
    snprintf(want + w, sizeof(want) - w, "path=x ");
    lines_are("a thousand lines", lines, n, WENT_ON, want, "");
}

static void test_from_real_file(void)
{
    char file[] = "/tmp/pywatch-options-XXXXXX", line[80];
    int fd = mkstemp(file);

    if (fd < 0 || write(fd, "a\n@b\n", 5) != 5)
        err(1, "%s", file);
    snprintf(line, sizeof(line), "pywatch -m x --fromfile %s y", file);
    good(line, "path=a path=x path=y excluded=b monitor");
    close(fd);
    unlink(file);
}

static void test_operands(void)
{
    bad("pywatch", "No files specified to watch!");
    bad("inotifywait -m -r", "No files specified to watch!");
    bad("pywatch @x", "No files specified to watch!");
    bad("pywatch a ''", "pywatch: '' is not a path; accepted: the name of a file or directory");
    bad("pywatch a @", "pywatch: '@' alone leaves nothing out; accepted: @PATH");
    good("inotifywait a @", "path=a classic");
    good("inotifywait '' a '' b", "path=a path=b classic");
    bad("inotifywait '' @", "No files specified to watch!");

    setenv("POSIXLY_CORRECT", "1", 1);
    good("pywatch -r a -m @b", "path=a path=-m excluded=b recursive");
    unsetenv("POSIXLY_CORRECT");
    good("pywatch -r a -m @b", "path=a excluded=b recursive monitor");
}

static bool has_line(const char *text, const char *line)
{
    size_t len = strlen(line);

    for (const char *p = text; (p = strstr(p, line)) != NULL; p++)
        if ((p == text || p[-1] == '\n') && p[len] == '\n')
            return true;
    return false;
}

static size_t longest_line(const char *text)
{
    size_t most = 0;

    while (*text != '\0') {
        size_t len = strcspn(text, "\n");

        most = len > most ? len : most;
        text += len + (text[len] == '\n');
    }
    return most;
}

/* After the two blanks that begin a line of --help. */
static void shows(const char *help, const char *what)
{
    char begin[64];

    snprintf(begin, sizeof(begin), "\n  %s ", what);
    ok(strstr(help, begin) != NULL, "--help has %s", what);
}

static void shows_option(const char *help, char letter, const char *name, const char *separator)
{
    char begin[64];

    if (letter == 0)
        snprintf(begin, sizeof(begin), "\n      --%s%s", name, separator);
    else
        snprintf(begin, sizeof(begin), "\n  -%c, --%s%s", letter, name, separator);
    ok(strstr(help, begin) != NULL, "--help has --%s", name);
}

/* Every name of the tables, as --help is to show it. */
static void test_help_tables(const char *help)
{
    static const char NONE[] = " ", VALUE[] = " ", MAYBE[] = "[=";

#define OPTION(id, name, letter, arg, metavar, origin, text) shows_option(help, letter, name, arg);
#define ABSENT(id, name, letter, arg)                                                              \
    ok(strstr(help, "--" name) == NULL, "--help has no --%s", name);
#include "options.def"
#define EVENT(name, mask, text) shows(help, #name);
#define EVENT_JOINT(name, mask, text) shows(help, #name);
#define EVENT_GROUP(name, mask, text) shows(help, #name);
#define WATCH_FLAG(name, mask, text) shows(help, #name);
#include "event.def"
#define FORMAT_CONVERSION(spelled, text) shows(help, "%" spelled);
#include "format.def"
}

static void test_help(void)
{
    static const char classic[] = "inotifywait 3.22.6.0\n"
                                  "Wait for a particular event on a file or set of files.\n"
                                  "Usage: inotifywait [ options ] file1 [ file2 ] [ file3 ] "
                                  "[ ... ]\n"
                                  "Options:\n";
    struct run r = run("pywatch --help");

    ok(r.status == 0 && *r.err == '\0', "--help: status 0, nothing on stderr");
    ok(strncmp(r.out, "Usage: pywatch [OPTION]... PATH...\n", 35) == 0, "--help: the first line");
    ok(longest_line(r.out) < 80, "--help fits 80 columns");
    ok(has_line(r.out, "Exit status:"), "--help: exit status");
    ok(strstr(r.out, "\n  -e, --event LIST ") != NULL, "--help: letter, name, value");
    ok(strstr(r.out, "\n      --color[=WHEN] ") != NULL, "--help: a value that may be left out");
    shows(r.out, "@PATH");
    test_help_tables(r.out);
    ok(run("pywatch -qmh --bogus").status == 0, "-h ends at once");

    r = run("/usr/bin/inotifywait -h");
    ok(r.status == 1 && *r.err == '\0', "inotifywait -h: status 1, nothing on stderr");
    ok(strncmp(r.out, classic, sizeof(classic) - 1) == 0, "inotifywait -h: the first lines");
    ok(strstr(r.out, "--csv") != NULL && has_line(r.out, "Exit status:"),
       "inotifywait -h: the rest");
}

static void test_version(void)
{
    struct run r = run("pywatch --version");

    ok(r.status == 0 && *r.err == '\0', "--version: status 0, nothing on stderr");
    ok(has_line(r.out, PACKAGE_NAME " " PACKAGE_VERSION), "--version: name and version");
    ok(strstr(r.out, "MIT") != NULL, "--version: licence");
    ok(run("inotifywait -V").status == 0, "inotifywait -V");
}

int main(void)
{
    test_fromfile();
    test_many();
    test_from_real_file();
    test_operands();
    test_help();
    test_version();
    return done_testing();
}
