/*
 * Makes every flush to disk take at least a millisecond, as it does on disks that keep what they acknowledge.
 * Loaded into PostgreSQL by the benchmarks alone:
 *
 *   gcc -O2 -shared -fPIC -o slow-flush.so slow-flush.c -ldl
 *   LD_PRELOAD=./slow-flush.so postgres ...
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <time.h>

#define LEAST_NANOSECONDS 1000000L

typedef int (*flush_function)(int);

static int at_least(flush_function flush, int file) {
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += LEAST_NANOSECONDS;
  if (until.tv_nsec >= 1000000000L) {
    until.tv_sec += 1;
    until.tv_nsec -= 1000000000L;
  }
  int result = flush(file);
  int error = errno;
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {
  }
  errno = error;
  return result;
}

int fdatasync(int file) {
  static flush_function real;
  if (!real) real = (flush_function)dlsym(RTLD_NEXT, "fdatasync");
  return at_least(real, file);
}

int fsync(int file) {
  static flush_function real;
  if (!real) real = (flush_function)dlsym(RTLD_NEXT, "fsync");
  return at_least(real, file);
}
