/* Sleeping that a signal ends: libc's busy loop knows of none. */
#include <errno.h>
#include <stdint.h>
#include <time.h>

#include "slot.h"

/* Replaces libc's weak definition; `time.sleep` calls it. */
int
clock_nanosleep(clockid_t clock, int flags, const struct timespec *request, struct timespec *remain)
{
  if (clock == CLOCK_THREAD_CPUTIME_ID || request == NULL || request->tv_sec < 0 ||
      request->tv_nsec < 0 || request->tv_nsec > 999999999L) {
    return EINVAL;
  }
  struct timespec now;
  clock_gettime(clock, &now);
  double start = now.tv_sec * 1e3 + now.tv_nsec / 1e6;
  double asked = request->tv_sec * 1e3 + request->tv_nsec / 1e6;
  double duration = flags & TIMER_ABSTIME ? asked - start : asked;
  Slot slot;
  slot_set_number(&slot, duration);
  if (!jsx_sleep(&slot)) {
    return 0;
  }
  if (remain != NULL && !(flags & TIMER_ABSTIME)) {
    clock_gettime(clock, &now);
    double left = asked - (now.tv_sec * 1e3 + now.tv_nsec / 1e6 - start);
    left = left > 0 ? left : 0;
    remain->tv_sec = (time_t)(left / 1e3);
    remain->tv_nsec = (long)((left - remain->tv_sec * 1e3) * 1e6);
  }
  return EINTR;
}
