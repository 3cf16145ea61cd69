#ifndef ZHENG_CCLOCK_SHIM_H
#define ZHENG_CCLOCK_SHIM_H

// What the kernel says of its clock, which Swift's C library module lacks.

#if defined(__linux__)
#include <string.h>
#include <sys/timex.h>
#endif

/// The kernel's own time in ms since the epoch where it says that its clock is synchronised, else -1. Takes no privileges.
static inline long long zheng_synchronised_clock(void) {
#if defined(__linux__)
  struct timex clock;
  memset(&clock, 0, sizeof clock);
  int state = adjtimex(&clock);
  if (state < 0 || state == TIME_ERROR || (clock.status & STA_UNSYNC)) return -1;
  long long fraction = clock.time.tv_usec;
  return (long long)clock.time.tv_sec * 1000 + fraction / ((clock.status & STA_NANO) ? 1000000 : 1000);
#else
  return -1;
#endif
}

#endif
