/*
 * lookout.c - see lookout.h.
 *
 * A signal that comes just before read(2) begins to wait does not end that wait. So the thread calls
 * again and again, until it has been heard: within a millisecond or two.
 */
#include "config.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "lookout.h"

#define STACK (128 * 1024)
#define AGAIN_NS 1000000

static struct pollfd out;
static short out_gone;
static pthread_t waiting;
static atomic_bool calls, heard;

static void on_call(int signal)
{
    (void)signal;
}

static void *look_out(void *arg)
{
    const struct timespec again = { .tv_nsec = AGAIN_NS };
    sigset_t others;

    (void)arg;
    sigfillset(&others);
    sigdelset(&others, SIGINT);
    sigdelset(&others, SIGTERM);
    sigdelset(&others, SIGHUP);
    while (ppoll(&out, 1, NULL, &others) > 0 && (out.revents & out_gone) == 0)
        out.fd = -1; /* an error that does not mean that: only signals are left */
    atomic_store(&calls, true);
    while (!atomic_load(&heard)) {
        pthread_kill(waiting, SIGURG);
        nanosleep(&again, NULL);
    }
    return NULL;
}

bool lookout_begin(const struct pollfd *p, short gone)
{
    struct sigaction sa = { .sa_handler = on_call }; /* without SA_RESTART */
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t urg;
    bool begun;

    out = *p;
    out_gone = gone;
    waiting = pthread_self();
    if (pthread_attr_init(&attr) != 0)
        return false;
    begun = pthread_attr_setstacksize(&attr, STACK) == 0 &&
            pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) == 0 &&
            pthread_create(&thread, &attr, look_out, NULL) == 0;
    pthread_attr_destroy(&attr);
    if (!begun)
        return false;
    /* Ignored until then, and perhaps blocked by whoever started us. */
    sigemptyset(&sa.sa_mask);
    sigaction(SIGURG, &sa, NULL);
    sigemptyset(&urg);
    sigaddset(&urg, SIGURG);
    pthread_sigmask(SIG_UNBLOCK, &urg, NULL);
    return true;
}

bool lookout_calls(void)
{
    return atomic_load(&calls);
}

void lookout_heard(void)
{
    atomic_store(&heard, true);
}
