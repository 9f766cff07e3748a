/*
 * floor_eager.c - reads what there is, prints it, writes it, at each wake-up: what a loop of a few
 * lines in any language does, and the floor of latency.
 */
#include "floor.h"

int main(int argc, char **argv)
{
    floor_run(floor_watch(argc, argv), 4096);
}
