/*
 * loop.c - see loop.h.
 */
#include "config.h"

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "lookout.h"
#include "loop.h"

#define SLICE 4096             /* records between two looks at the kernel's queue */
#define FILL (8 * 1024 * 1024) /* bytes of records read at a time: more than a full queue */
#define ROUNDS 4 /* a window, the end of a file that it showed, and one to spare */
#define BLOCK (256 * 1024)     /* output that is not kept back any longer */

/*
 * A process that writes as fast as it can would wake us for each record, and pay for the waking.
 * So once HURRY reads in a row were over less than GAP_NS after we were ready for them, with what
 * they brought printed, or brought MANY records, the queue is left alone for NAP_NS after each.
 * What comes after a quiet spell is never kept waiting: not even by a look at the clock, which is
 * put off until its line has been written.
 */
#define HURRY 4
#define GAP_NS 60000
#define MANY 16
#define NAP_NS 250000

/* What a signal handler can reach. */
volatile int loop_signal;
static bool asks; /* SIGUSR1 does */
static volatile sig_atomic_t asked; /* it has come */

static void on_signal(int signal)
{
    loop_signal = signal;
}

static void on_ask(int signal)
{
    (void)signal;
    asked = 1;
}

void loop_signals(bool ask)
{
    struct sigaction sa = { .sa_handler = on_signal }, old;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    asks = ask;
    if (ask)
        sigaddset(&set, SIGUSR1);
    /* Taken only while we wait (ppoll), so that none is missed between a look and a wait. */
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigemptyset(&sa.sa_mask);
    sigaction(SIGINT, &sa, NULL);
    if (ask)
        sigaction(SIGUSR1, &(struct sigaction){ .sa_handler = on_ask }, NULL);
    /* Who has these ignored means it, as nohup(1); a shell that ignores SIGINT for a background job
     * does so unasked. */
    sigaction(SIGTERM, NULL, &old);
    if (old.sa_handler != SIG_IGN)
        sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGHUP, NULL, &old);
    if (old.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &sa, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGIO, SIG_IGN); /* track asks for leases, and gives them back at once */
    signal(SIGXFSZ, SIG_IGN);
}

void loop_signals_again(void)
{
    sigset_t set;

    loop_signal = 0;
    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
}

void loop_die(int signal_number)
{
    sigset_t set;

    signal(signal_number, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, signal_number);
    raise(signal_number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    _exit(128 + signal_number);
}

/* It was pending, and is not any more. */
static bool take(int signal)
{
    sigset_t one;

    sigemptyset(&one);
    sigaddset(&one, signal);
    return sigtimedwait(&one, NULL, &(struct timespec){ 0 }) == signal;
}

static bool is_ignored(int signal)
{
    struct sigaction sa;

    return sigaction(signal, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
}

/*
 * A signal has come that ends the run; and notes one that asks. It is taken: left pending, it would
 * end the wait for a slow reader too. One that is ignored is pending as well while it is blocked.
 */
static bool signal_waits(void)
{
    static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
    sigset_t set;

    if (loop_signal != 0)
        return true;
    sigpending(&set);
    if (asks && sigismember(&set, SIGUSR1))
        asked = take(SIGUSR1);
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends) && loop_signal == 0; i++)
        if (sigismember(&set, ends[i]) && take(ends[i]) && !is_ignored(ends[i]))
            loop_signal = ends[i];
    return loop_signal != 0;
}

static int64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/*
 * Waits for records, commands, room in the output, the end of its reader, a signal. 0: time is up.
 */
static int wait_for(const struct loop_config *cfg, int64_t deadline, struct pollfd p[5])
{
    int64_t wake = track_wake(cfg->track), held = print_wake(cfg->print);
    struct timespec ts, *timeout = NULL;
    sigset_t none;
    int n;

    if (wake > 0 && !output_full(cfg->output) && (deadline == 0 || wake < deadline))
        deadline = wake;
    /* Where the output is full, what is held waits for room there. */
    if (held > 0 && !output_full(cfg->output) && (deadline == 0 || held < deadline))
        deadline = held;
    if (deadline > 0) {
        int64_t left = deadline - now_ns();

        if (left < 0)
            left = 0;
        ts.tv_sec = left / 1000000000;
        ts.tv_nsec = left % 1000000000;
        timeout = &ts;
    }
    sigemptyset(&none);
    p[0] = (struct pollfd){ .fd = cfg->inotify_fd, .events = POLLIN };
    output_pollfd(cfg->output, &p[1]);
    track_pollfd(cfg->track, &p[2]);
    p[4] = (struct pollfd){ .fd = -1 };
    if (cfg->serve != NULL)
        serve_pollfd(cfg->serve, &p[4]);
    if (output_full(cfg->output)) /* what comes now waits in the kernel */
        p[0].fd = p[2].fd = p[3].fd = p[4].fd = -1;
    n = ppoll(p, 5, timeout, &none);
    if (n < 0 && errno != EINTR)
        err(1, "ppoll");
    return n;
}

/* Leaves the queue alone until then, but for a signal, and the output's news. 0: time is up. */
static int nap(const struct loop_config *cfg, int64_t until, struct pollfd p[5])
{
    int64_t left = until - now_ns();
    struct timespec ts = { .tv_nsec = left };
    sigset_t none;
    int n;

    if (left <= 0)
        return 0;
    sigemptyset(&none);
    p[0] = p[2] = p[3] = p[4] = (struct pollfd){ .fd = -1 };
    output_pollfd(cfg->output, &p[1]);
    n = ppoll(&p[1], 1, &ts, &none);
    if (n < 0 && errno != EINTR)
        err(1, "ppoll");
    return n;
}

/* What was queued before a signal came is still printed; what goes on coming is not. */
static void last_records(const struct loop_config *cfg)
{
    bool more = true;

    lookout_end(); /* its calls would end what is done here as well */
    /* Each time settles what waited for the records of the time before. */
    for (int i = 0; i < ROUNDS && more && !*cfg->done; i++) {
        (void)backlog_fill(cfg->backlog, FILL);
        do
            more = track_run(cfg->track, SLICE);
        while (!backlog_empty(cfg->backlog) && !*cfg->done);
    }
}

/* Returns when the next one is due. Those that were missed meanwhile (SIGSTOP) are not made up. */
static int64_t tick_if_due(const struct loop_config *cfg, int64_t next)
{
    int64_t now = now_ns();

    if (now < next)
        return next;
    cfg->tick(cfg->arg);
    return next + ((now - next) / cfg->every_ns + 1) * cfg->every_ns;
}

/* How fast records have come of late. */
struct pace {
    int64_t ready_at; /* all that was there had been printed, and we began to wait */
    int64_t nap_until;
    uint64_t taken; /* records, when last looked at */
    int hurry;
};

/* What had been read is printed. */
static void keep_pace(struct pace *p, uint64_t taken)
{
    int64_t now = now_ns();

    p->hurry = taken - p->taken >= MANY || now - p->ready_at < GAP_NS ? p->hurry + 1 : 0;
    p->nap_until = now + NAP_NS;
    p->taken = taken;
}

/*
 * Where nothing is waited for but records, signals and the end of the reader, the wait is in
 * read(2), and lookout sees to the other two: a tenth of the time from a write(2) to its line.
 */
enum plain { PLAIN_UNTRIED, PLAIN_WAIT, PLAIN_NO_MORE };

static bool plain_wait(const struct loop_config *cfg, enum plain *plain, int64_t deadline)
{
    struct pollfd out, track[2];

    if (*plain == PLAIN_NO_MORE || asks || deadline > 0 || cfg->serve != NULL ||
        output_pending(cfg->output) > 0 || track_wake(cfg->track) > 0 || print_wake(cfg->print) > 0)
        return false;
    if (*plain == PLAIN_UNTRIED) {
        track_pollfd(cfg->track, track);
        output_pollfd(cfg->output, &out);
        *plain = track[0].fd < 0 && track[1].fd < 0 &&
                         lookout_begin(&out, output_gone_bits(cfg->output), &loop_signal)
                     ? PLAIN_WAIT
                     : PLAIN_NO_MORE;
    }
    return *plain == PLAIN_WAIT && !lookout_calls();
}

static enum loop_end run(const struct loop_config *cfg, int *detail)
{
    uint64_t printed = *cfg->printed;
    int64_t deadline = cfg->timeout_ns > 0 ? now_ns() + cfg->timeout_ns : 0;
    int64_t next = cfg->every_ns > 0 ? now_ns() + cfg->every_ns : 0;
    struct pace pace = { 0 };
    enum plain plain = PLAIN_UNTRIED;
    bool told = true; /* there may be something to read for serve */

    /* prctl(2): else a wait ends up to 50 us late. A start with -t 0.001 takes 60 us less, of 2,100. */
    if (cfg->timeout_ns > 0)
        (void)prctl(PR_SET_TIMERSLACK, 1UL);
    for (;;) {
        struct pollfd p[5] = { { .fd = -1 } };
        int woken = 0;
        int64_t limit;
        bool full = output_full(cfg->output), more = false;

        if (!full) {
            more = track_run(cfg->track, SLICE);
            print_due(cfg->print);
            if (cfg->serve != NULL)
                more |= serve_run(cfg->serve, told || more);
        }
        told = false;
        if (*cfg->printed != printed) {
            printed = *cfg->printed;
            if (cfg->timeout_ns > 0 && cfg->restart)
                deadline = now_ns() + cfg->timeout_ns;
        }
        if (*cfg->done)
            return LOOP_DONE;
        if (next > 0)
            next = tick_if_due(cfg, next);
        if (asked && !output_full(cfg->output)) {
            asked = 0;
            cfg->asked(cfg->arg);
        }
        /* A --timeout that no record starts anew runs out in a steady stream of them too. */
        if (!cfg->restart && deadline > 0 && now_ns() >= deadline)
            return LOOP_TIMEOUT;
        if ((!more || output_pending(cfg->output) >= BLOCK) &&
            (*detail = output_flush(cfg->output)) != 0)
            return LOOP_OUTPUT;
        if (full && !output_full(cfg->output))
            continue; /* what waits in the backlog comes first */
        if (!more && !full && track_hopeless(cfg->track) &&
            (cfg->serve == NULL || !serve_open(cfg->serve)))
            return LOOP_NOTHING;
        *detail = 0;
        if (more) {
            if (signal_waits()) {
                last_records(cfg);
                *detail = loop_signal;
                return LOOP_SIGNAL;
            }
            if ((*detail = backlog_fill(cfg->backlog, FILL)) != 0)
                return LOOP_INPUT;
            continue;
        }
        if (pace.taken != backlog_taken(cfg->backlog))
            keep_pace(&pace, backlog_taken(cfg->backlog));
        if (cfg->patient && pace.hurry >= HURRY)
            woken = nap(cfg, pace.nap_until, p);
        pace.ready_at = now_ns();
        limit = print_wake(cfg->print) > 0 ? 0 : deadline; /* a record is to come: no timeout */
        if (woken == 0 && plain_wait(cfg, &plain, next > 0 ? next : deadline)) {
            *detail = backlog_wait(cfg->backlog, FILL);
            if (*detail == 0)
                continue;
            if (*detail != EINTR)
                return LOOP_INPUT;
            woken = -1;
        } else if (woken == 0) {
            woken = wait_for(cfg, next > 0 && (limit == 0 || next < limit) ? next : limit, p);
        }
        /* Whichever wait it ended: else it would call for ever where a FIFO has a reader again. */
        if (plain == PLAIN_WAIT && lookout_calls()) {
            lookout_end();
            plain = PLAIN_NO_MORE;
            if (loop_signal != 0)
                woken = -1; /* nobody calls any more */
        }
        switch (woken) {
        case 0:
            if (limit > 0 && now_ns() >= limit)
                return LOOP_TIMEOUT;
            continue;
        case -1:
            *detail = loop_signal;
            if (loop_signal != 0) {
                last_records(cfg);
                return LOOP_SIGNAL;
            }
            continue;
        }
        if (p[2].fd >= 0 || p[3].fd >= 0)
            track_polled(cfg->track, &p[2]);
        if (output_gone(cfg->output, p[1].revents)) {
            *detail = EPIPE;
            return LOOP_OUTPUT;
        }
        told = p[4].revents != 0;
        if ((p[0].revents & POLLIN) == 0)
            continue;
        if ((*detail = backlog_fill(cfg->backlog, FILL)) != 0)
            return LOOP_INPUT;
    }
}

enum loop_end loop_run(const struct loop_config *cfg, int *detail)
{
    enum loop_end end = run(cfg, detail);

    lookout_end();
    return end;
}
