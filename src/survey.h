/*
 * survey.h - the limits of inotify(7), what is in use of them and by whom: --limits.
 *
 * Owns: that report. Must not know: what pywatch itself watches. Called by main.c alone, which ends
 * the program afterwards.
 */
#ifndef PYWATCH_SURVEY_H
#define PYWATCH_SURVEY_H

#include <stdio.h>

/*
 * Looks through /proc and writes the report. Needs no privilege for the processes of one's own, and
 * says what it could not see. Whether all of it was written is the stream's to tell (ferror(3)).
 */
void survey_print(FILE *to);

#endif
