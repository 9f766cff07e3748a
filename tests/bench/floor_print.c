/*
 * floor_print.c - reads big buffers and prints each with one write: the floor of throughput.
 */
#include "floor.h"

int main(int argc, char **argv)
{
    floor_run(floor_watch(argc, argv), 256 * 1024);
}
