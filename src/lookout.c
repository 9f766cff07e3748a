/*
 * lookout.c - see lookout.h.
 *
 * A signal that comes just before read(2) begins to wait does not end that wait. So the thread
 * calls again and again, until it has been heard: within a millisecond or two.
 */
#include "config.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "lookout.h"

#define AGAIN_NS 1000000

/* One that libc allocates stays with it, and valgrind tells of what belongs to it. */
static _Alignas(4096) char stack[128 * 1024];

static struct pollfd out;
static short out_gone;
static const volatile int *taken;
static bool begun;
static pthread_t thread, waiting;
static atomic_bool calls, heard;

static void on_urgent(int signal)
{
    (void)signal;
}

static void *look_out(void *arg)
{
    const struct timespec again = { .tv_nsec = AGAIN_NS };
    sigset_t all, none;

    (void)arg;
    sigfillset(&all);
    sigemptyset(&none);
    /* They are let in only while it waits, so that none comes between a look and a wait. */
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    while (*taken == 0 && !atomic_load(&heard)) {
        if (ppoll(&out, 1, NULL, &none) <= 0)
            continue;
        if ((out.revents & out_gone) != 0)
            break;
        out.fd = -1; /* an error that means something else: signals are left */
    }
    atomic_store(&calls, true);
    while (!atomic_load(&heard)) {
        pthread_kill(waiting, SIGURG);
        nanosleep(&again, NULL);
    }
    return NULL;
}

bool lookout_begin(const struct pollfd *p, short gone, const volatile int *signal_taken)
{
    struct sigaction sa = { .sa_handler = on_urgent }; /* without SA_RESTART */
    pthread_attr_t attr;
    sigset_t urgent;

    out = *p;
    out_gone = gone;
    taken = signal_taken;
    waiting = pthread_self();
    atomic_store(&calls, false);
    atomic_store(&heard, false);
    if (pthread_attr_init(&attr) != 0)
        return false;
    begun = pthread_attr_setstack(&attr, stack, sizeof(stack)) == 0 &&
            pthread_create(&thread, &attr, look_out, NULL) == 0;
    pthread_attr_destroy(&attr);
    if (!begun)
        return false;
    /* Ignored until now, and perhaps blocked by whoever started us. */
    sigemptyset(&sa.sa_mask);
    sigaction(SIGURG, &sa, NULL);
    sigemptyset(&urgent);
    sigaddset(&urgent, SIGURG);
    pthread_sigmask(SIG_UNBLOCK, &urgent, NULL);
    return true;
}

bool lookout_calls(void)
{
    return atomic_load(&calls);
}

void lookout_end(void)
{
    if (!begun)
        return;
    atomic_store(&heard, true);
    pthread_kill(thread, SIGURG);
    pthread_join(thread, NULL);
    begun = false;
}
