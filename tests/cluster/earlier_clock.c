// Preloaded into a node, so that its time of day is another one: DCRF_CLOCK_OFFSET seconds are added.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *out) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) {
    real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  }
  int result = real(clock, out);
  const char *offset = getenv("DCRF_CLOCK_OFFSET");
  if (clock == CLOCK_REALTIME && offset) {
    out->tv_sec += atol(offset);
  }
  return result;
}
