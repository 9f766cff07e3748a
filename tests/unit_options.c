/*
 * unit_options.c - the command line: what each option sets, and every mistake.
 *
 * Paths, --help and --version are in unit_options_paths.c.
 */
#include "config.h"

#include "options_run.h"

/* A mistake whose line is long: how it begins, and that it says what is accepted. */
static void bad_value(const char *line, const char *begins, const char *accepted)
{
    struct run r = run(line);
    const char *newline = strchr(r.err, '\n');
    bool right = r.status == 1 && *r.out == '\0' && newline != NULL && newline[1] == '\0' &&
                 strncmp(r.err, begins, strlen(begins)) == 0 && strstr(r.err, "; accepted: ") &&
                 strstr(strstr(r.err, "; accepted: "), accepted) != NULL;

    ok(right, "%s", shown(line));
    if (!right)
        printf("# %d '%s', stdout '%s'\n", r.status, r.err, r.out);
}

static void test_what_is_set(void)
{
    good("pywatch x", "path=x");
    good("/usr/bin/inotifywait x", "path=x classic");
    good("./inotifywait-old x", "path=x");
    good("pywatch a -m b --recursive c", "path=a path=b path=c recursive monitor");
    good("pywatch -- -m --json", "path=-m path=--json");
    good("pywatch -qmrx d", "path=d recursive one monitor quiet=1");
    good("pywatch -qqvv d", "path=d quiet=2 verbose=2");
    good("pywatch -qqre modify d", "path=d events=2 recursive quiet=2");
    good("pywatch -cqrme modify d", "path=d events=2 recursive monitor format=csv quiet=1");
    good("pywatch -ecreate d", "path=d events=100");
    good("pywatch --event=create,IN_DELETE -e modify d", "path=d events=302");
    good("pywatch -e change d", "path=d events=fce");
    good("pywatch -e COMPLETE,ignored,q_overflow,unmount,isdir d", "path=d events=4000e088");
    good("pywatch -P d", "path=d flags=2000000");
    good("pywatch --flags oneshot,IN_ONLYDIR --flags mask_add d", "path=d flags=a1000000");
    good("pywatch -I d", "path=d");
    good("pywatch --max-depth 0 d", "path=d depth=0");
    good("pywatch --max-depth=2147483647 d", "path=d depth=2147483647");
    good("pywatch --exclude a --include b --excludei c --includei d --exclude e x",
         "path=x exclude=a include=b excludei=c includei=d exclude=e");
    good("inotifywait --exclude a --excludei b --include c x",
         "path=x exclude=a excludei=b include=c classic");
    good("pywatch --ignore *.o --ignore .git x", "path=x ignore=*.o ignore=.git");
    good("pywatch --type f x", "path=x type=f");
    good("pywatch --type d x", "path=x type=d");
    good("pywatch --type d,f x", "path=x");
    good("pywatch --type d --type f x", "path=x");
    good("pywatch -n 3 x", "path=x monitor count=3");
    good("pywatch --count 9223372036854775807 x", "path=x monitor count=9223372036854775807");
    good("pywatch -j x", "path=x format=json");
    good("pywatch --csv --null x", "path=x format=csv null");
    good("pywatch -0 x", "path=x null");
    good("pywatch --format %w%f -0 x", "path=x format=printf spec=%w%f null");
    good("pywatch --format %T%f --timefmt %s --no-newline x",
         "path=x format=printf spec=%T%f timefmt=%s no_newline");
    good("pywatch --format %%T x", "path=x format=printf spec=%%T");
    good("pywatch --format % x", "path=x format=printf spec=%");
    good("pywatch --color x", "path=x color=always");
    good("pywatch --color=never x", "path=x color=never");
    good("pywatch --color=never --color=auto x", "path=x");
    good("pywatch -o out x", "path=x outfile=out");
    good("pywatch @a x @b", "path=x excluded=a excluded=b");
    good("pywatch @@a x", "path=x excluded=@a");
}

static void test_several_in_one(void)
{
    good("pywatch --join-moves x", "path=x join");
    good("pywatch --settle 200 x", "path=x settle=200000000 delay=2000000000");
    good("pywatch --max-delay 200 --settle 200 x", "path=x settle=200000000 delay=200000000");
    bad_value("pywatch --settle 0 x", "pywatch: --settle: '0' is out of range", "1 to 86400000");
    bad_value("pywatch --settle 86400001 x", "pywatch: --settle: '86400001' is out of", "86400000");
    bad_value("pywatch --settle 1.5 x", "pywatch: --settle: '1.5' is not a whole", "1 to ");
    bad_value("pywatch --settle 2 --max-delay 0 x", "pywatch: --max-delay: '0' is out of", "1 to ");
    bad("pywatch --max-delay 5 x", "pywatch: --max-delay cannot be specified without --settle.");
    bad("pywatch --settle 6 --max-delay 5 x",
        "pywatch: --max-delay cannot be less than --settle, which is 6.");
    bad("pywatch --settle 6 --summary x",
        "pywatch: --summary counts events as they come: --settle cannot be specified with it.");
    bad("pywatch --summary --join-moves x",
        "pywatch: --summary counts events as they come: --join-moves cannot be specified with it.");
}

static void test_tags(void)
{
    good("pywatch -j --tag host=a --tag _b-2.c=x=~y x",
         "path=x tag=host=a tag=_b-2.c=x= y format=json");
    good("pywatch -j --tag empty= x", "path=x tag=empty= format=json");
    good("pywatch -j --tag paths=\u00e4 x", "path=x tag=paths=\u00e4 format=json");
    bad("pywatch --tag a=b x", "pywatch: --tag cannot be specified without --json.");
    bad_value("pywatch -j --tag host x", "pywatch: --tag: 'host' has no '='", "KEY=VALUE");
    bad_value("pywatch -j --tag '' x", "pywatch: --tag: '' has no '='", "KEY=VALUE");
    bad_value("pywatch -j --tag =a x", "pywatch: --tag: '=a' has no such key", "KEY=VALUE");
    bad_value("pywatch -j --tag 1a=a x", "pywatch: --tag: '1a=a' has no such key", "KEY=VALUE");
    bad_value("pywatch -j --tag a~b=a x", "pywatch: --tag: 'a b=a' has no such key", "KEY=VALUE");
    bad_value("pywatch -j --tag a\"b=a x", "pywatch: --tag: 'a\"b=a' has no such key", "KEY=VALUE");
    bad_value("pywatch -j --tag path=a x", "pywatch: --tag: 'path=a' has a key that records",
              "host");
    bad_value("pywatch -j --tag x_b64=a x", "pywatch: --tag: 'x_b64=a' has a key that rec", "host");
    bad_value("pywatch -j --tag reply=a x", "pywatch: --tag: 'reply=a' has a key that rec", "host");
    bad_value("pywatch -j --tag a=1 --tag a=2 x", "pywatch: --tag: 'a=2' has a key that was",
              "once");
    good("pywatch -j --tag ab=1 --tag a=2 x", "path=x tag=ab=1 tag=a=2 format=json");
    bad_value("pywatch -j --tag a=\xff x", "pywatch: --tag: 'a=\\xff' is not UTF-8", "UTF-8");
}

static void test_numbers(void)
{
    good("pywatch -t 2 x", "path=x timeout=2000000000");
    good("pywatch -t 0.5 x", "path=x timeout=500000000");
    good("pywatch -t .25 x", "path=x timeout=250000000");
    good("pywatch -t 1.0000000019 x", "path=x timeout=1000000001");
    good("pywatch -t 0.0000000001 x", "path=x timeout=1");
    good("pywatch -t 0 x", "path=x");
    good("pywatch -t 0.000 x", "path=x");
    good("pywatch -t -1 x", "path=x");
    good("pywatch -t -0.5 x", "path=x");
    good("pywatch -t 5 -t 0 x", "path=x");
    good("pywatch -t 9223372036854775807 x", "path=x timeout=4611686018000000000");
    good("inotifywait -t ~1 x", "path=x timeout=1000000000 classic");
    good("inotifywait -t +1 x", "path=x timeout=1000000000 classic");
    bad_value("pywatch -t ~1 x", "pywatch: --timeout: ' 1' is not a time", "0.5");
    bad_value("pywatch -t +1 x", "pywatch: --timeout: '+1' is not a time", "0.5");
    bad_value("pywatch -t 1x x", "pywatch: --timeout: '1x' is not a time", "0.5");
    bad_value("pywatch -t 1~ x", "pywatch: --timeout: '1 ' is not a time", "0.5");
    bad_value("pywatch -t '' x", "pywatch: --timeout: '' is not a time", "0.5");
    bad_value("pywatch -t - x", "pywatch: --timeout: '-' is not a time", "0.5");
    bad_value("pywatch -t . x", "pywatch: --timeout: '.' is not a time", "0.5");
    bad_value("pywatch -t 1e3 x", "pywatch: --timeout: '1e3' is not a time", "0.5");
    bad_value("pywatch -t 0x1 x", "pywatch: --timeout: '0x1' is not a time", "0.5");
    bad_value("pywatch -t 9223372036854775808 x",
              "pywatch: --timeout: '9223372036854775808' is out of range", "9223372036854775807");
    bad_value("pywatch -n 0 x", "pywatch: --count: '0' is out of range", "1 to ");
    bad_value("pywatch -n -1 x", "pywatch: --count: '-1' is out of range", "1 to ");
    bad_value("pywatch -n +1 x", "pywatch: --count: '+1' is not a whole number", "1 to ");
    bad_value("pywatch -n 1.5 x", "pywatch: --count: '1.5' is not a whole number", "1 to ");
    bad_value("pywatch -n '' x", "pywatch: --count: '' is not a whole number", "1 to ");
    bad_value("pywatch -n 9223372036854775808 x", "pywatch: --count: '9223372036854775808' is out",
              "9223372036854775807");
    bad_value("pywatch --max-depth -1 x", "pywatch: --max-depth: '-1' is out of range", "0 to ");
    bad_value("pywatch --max-depth 2147483648 x", "pywatch: --max-depth: '2147483648' is out of",
              "2147483647");
    good("pywatch --buffer 1 x", "path=x buffer=1");
    good("pywatch --buffer 4k x", "path=x buffer=4096");
    good("pywatch --buffer 3M x", "path=x buffer=3145728");
    good("pywatch --buffer 2G x", "path=x buffer=2147483648");
    good("pywatch --buffer 256M x", "path=x");
    bad_value("pywatch --buffer 0 x", "pywatch: --buffer: '0' is out of range", "64M");
    bad_value("pywatch --buffer 0M x", "pywatch: --buffer: '0M' is out of range", "64M");
    bad_value("pywatch --buffer 99999999999G x", "pywatch: --buffer: '99999999999G' is out", "64M");
    bad_value("pywatch --buffer 1T x", "pywatch: --buffer: '1T' is not a size", "64M");
    bad_value("pywatch --buffer 1MB x", "pywatch: --buffer: '1MB' is not a size", "64M");
    bad_value("pywatch --buffer M x", "pywatch: --buffer: 'M' is not a size", "64M");
    bad_value("pywatch --buffer -1 x", "pywatch: --buffer: '-1' is not a size", "64M");
    bad_value("pywatch --buffer '' x", "pywatch: --buffer: '' is not a size", "64M");
}

static void test_lists(void)
{
    bad_value("pywatch -e MODFY x", "pywatch: --event: 'MODFY' is not an event", "MODIFY, ATTRIB");
    bad_value("pywatch -e create,MODFY x", "pywatch: --event: 'MODFY' is not an event", "COMPLETE");
    bad_value("pywatch -e '' x", "pywatch: --event: '' is not an event", "ACCESS");
    bad_value("pywatch -e create, x", "pywatch: --event: '' is not an event", "ACCESS");
    bad_value("pywatch -e a\033[31m\x7f\n x", "pywatch: --event: 'a\\e[31m\\x7f\\n' is", "OPEN");
    bad_value("pywatch -e \xc2\x9b\xc3\xa4 x", "pywatch: --event: '\\u009b\xc3\xa4' is", "OPEN");
    bad_value("pywatch --flags oneshots x", "pywatch: --flags: 'oneshots' is not a watch flag",
              "MASK_CREATE");
    bad_value("pywatch --flags '' x", "pywatch: --flags: '' is not a watch flag", "ONLYDIR");
    bad_value("pywatch --type fd x", "pywatch: --type: 'fd' is not a type", "f (not");
    bad_value("pywatch --type f, x", "pywatch: --type: '' is not a type", "f (not");
    bad_value("pywatch --color=yes x", "pywatch: --color: 'yes' is not", "auto, always, never");
    bad_value("pywatch --ignore a/b x", "pywatch: --ignore: 'a/b' matches no name", "slash");
    bad_value("pywatch --ignore '' x", "pywatch: --ignore: '' matches no name", "slash");
    bad_value("inotifywait --type fd x", "inotifywait: --type: 'fd' is not a type", "f (not");
    good("inotifywait -e '' x", "path=x classic");
    good("inotifywait -e create,ONEshot x", "path=x events=80000100 flags=80000000 classic");
    bad_value("pywatch -e oneshot x", "pywatch: --event: 'oneshot' is not an event", "ACCESS");
    good("inotifywait -e create, x", "path=x classic");
    good("inotifywait -e create,,delete x", "path=x classic");
    good("inotifywait -e create -e '' x", "path=x events=100 classic");
    bad("inotifywait -e create,foo,bar x",
        "'create,foo,bar' is not a valid event!  Run with the '--help' option to see a list of "
        "events.");
    bad("inotifywait -e a\033\n x",
        "'a\\e\\n' is not a valid event!  Run with the '--help' option to see a list of events.");
}

static void test_unknown(void)
{
    bad("pywatch --bogus", "pywatch: --bogus is not an option; 'pywatch --help' lists them");
    bad("pywatch --bogus=1", "pywatch: --bogus is not an option; 'pywatch --help' lists them");
    bad("pywatch -Z", "pywatch: -Z is not an option; 'pywatch --help' lists them");
    bad("pywatch -mrZq", "pywatch: -Z is not an option; 'pywatch --help' lists them");
    bad("pywatch --ex a", "pywatch: --ex is ambiguous; it could be --exclude, --excludei");
    bad("pywatch x -e", "pywatch: -e (--event) needs a value: LIST");
    bad("pywatch x --event", "pywatch: --event needs a value: LIST");
    bad("pywatch --json=1 x", "pywatch: --json takes no value");
    bad("./bin/inotifywait --bogus", "./bin/inotifywait: unrecognized option '--bogus'");
    bad("./bin/inotifywait -Z", "./bin/inotifywait: invalid option -- 'Z'");
    bad("inotifywait --bo\033[31m\ngus=\xff", "inotifywait: unrecognized option "
                                              "'--bo\\e[31m\\ngus=\\xff'");
    bad("bin\n/inotifywait -\x9b", "bin\\n/inotifywait: invalid option -- '\\x9b'");
    bad("inotifywait -e", "inotifywait: option requires an argument -- 'e'");
    bad("inotifywait --ex", "inotifywait: option '--ex' is ambiguous; possibilities: '--exclude' "
                            "'--excludei'");
    good("pywatch --mon --rec --excludei=a x", "path=x recursive excludei=a monitor");
    /* Abbreviations that inotifywait takes, though pywatch has more options that begin so. */
    good("pywatch --c x", "path=x format=csv");
    good("inotifywait --m --o f --q x", "path=x monitor outfile=f quiet=1 classic");
    bad("pywatch -d x", "pywatch: -o must be specified with -d.");
    bad("inotifywait --daem x", "-o must be specified with -d.");
    good("pywatch -do f x", "path=x monitor outfile=f");
    bad("pywatch -mS x", "pywatch: --filesystem is not supported by this version; accepted: "
                         "--inotify, or neither");
    bad("pywatch -F x", "pywatch: --fanotify is not supported by this version; accepted: "
                        "--inotify, or neither");
    bad("inotifywait --filesystem x", "inotifywait: --filesystem is not supported by this version; "
                                      "accepted: --inotify, or neither");
    bad("pywatch --filename x", "pywatch: --filename is no option any more: names are always "
                                "printed");
    good("pywatch -ms x", "path=x monitor syslog");
    good("inotifywait --s x", "path=x syslog classic");
    good("pywatch -do f --pidfile p x", "path=x monitor pidfile=p outfile=f");
    bad("pywatch --pidfile p x", "pywatch: --pidfile cannot be specified without --daemon.");
    bad("pywatch -do f --pidfile p --pidfile q x", "pywatch: Multiple --pidfile options given.");
    bad("inotifywait --filename x",
        "The '--filename' option no longer exists.  The option it enabled in earlier\n"
        "versions of inotifywait is now turned on by default.");
}

static void test_conflicts(void)
{
    static const struct {
        const char *args, *text;
        bool shared; /* inotifywait says it in these words, without its name */
    } cases[] = {
        { "-c --format a x", "-c and --format cannot both be specified.", true },
        { "--no-newline x", "--no-newline cannot be specified without --format.", true },
        { "--timefmt a x", "--timefmt cannot be specified without --format.", true },
        { "--format %f%T x", "%T is in --format string, but --timefmt was not specified.", true },
        { "-o a --outfile b x", "Multiple --outfile options given.", true },
        { "--fromfile a --fromfile b", "Multiple --fromfile options given.", true },
        { "-j -c x", "--json and --csv cannot both be specified.", false },
        { "--json --format a x", "--json and --format cannot both be specified.", false },
        { "--no-newline -j x", "--json and --no-newline cannot both be specified.", false },
        { "-0j x", "--json and --null cannot both be specified.", false },
        { "-0 --format a --no-newline x", "--null and --no-newline cannot both be specified.",
          false },
        { "--flags mask_add,mask_create x",
          "--flags: MASK_ADD and MASK_CREATE cannot both be specified.", false },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char line[200], want[200];

        snprintf(line, sizeof(line), "pywatch %s", cases[i].args);
        snprintf(want, sizeof(want), "pywatch: %s", cases[i].text);
        bad(line, want);
        snprintf(line, sizeof(line), "inotifywait %s", cases[i].args);
        snprintf(want, sizeof(want), "%s%s", cases[i].shared ? "" : "inotifywait: ", cases[i].text);
        bad(line, want);
    }
    bad("inotifywait -t x d",
        "'x' is not a valid timeout value.\nPlease specify a long int value.");
    bad("inotifywait -t '' d",
        "The provided value is not a valid timeout value.\nPlease specify a long int value.");
    bad("inotifywait -t 99999999999999999999 d",
        "Something went wrong with the timeout value you provided.\n"
        "Numerical result out of range");
    bad("inotifywait --exclude ( x", "Error in `exclude' regular expression.");
    bad("inotifywait --exclude a --includei ( x", "Error in `include' regular expression.");
}

int main(void)
{
    test_what_is_set();
    test_several_in_one();
    test_tags();
    test_numbers();
    test_lists();
    test_unknown();
    test_conflicts();
    return done_testing();
}
