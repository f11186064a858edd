#ifndef CSPAWN_FILES_H
#define CSPAWN_FILES_H

#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include "CSpawn.h"

typedef struct {
    int error;
    const char *step;
} cspawn_failure;

/* Puts the child's own file system together and makes it the root; called in namespaces of its own.
 * Returns -1 and says what failed otherwise. */
int cspawn_make_files(const cspawn_options *options, cspawn_failure *failure);

#endif
