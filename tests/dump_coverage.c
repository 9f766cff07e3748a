/*
 * dump_coverage.c - in builds for gcov only: keeps the counts of a pywatch that a signal ends.
 *
 * gcov writes its files at exit(3), which the end by a signal bypasses; most tests end pywatch that
 * way. The linker puts this in the place of raise(3) (--wrap=raise), the last step before the end.
 */
#include "config.h"

void __gcov_dump(void);
int __real_raise(int signal_number);
int __wrap_raise(int signal_number);

int __wrap_raise(int signal_number)
{
    __gcov_dump();
    return __real_raise(signal_number);
}
