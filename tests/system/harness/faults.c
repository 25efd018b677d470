/* Faults at one chosen system call, for LD_PRELOAD.

   Every call that could leave something half done is a point: creating, writing, truncating,
   syncing, renaming and removing a file, connecting and sending. The points are counted from
   faults_arm() on, and at the chosen one the process

     1  is killed, before the call happens: what kill -9 leaves behind,
     2  gets EIO from this one call,
     3  gets ENOSPC: half of this write happens, and from then on every other fails as well.

   For ENOSPC only calls that need space are points, and output to a terminal or a pipe needs none
   (file descriptors 0 to 2). */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OFF, KILL, EIO_ONCE, ENOSPC_FROM };
enum { HAPPEN, FAIL, HALF };

static int fault = OFF;
static long chosen = 0;
static long *counted; /* shared with the parent, which reads it after a kill */

__attribute__((constructor)) static void share(void) {
  counted = mmap(NULL, sizeof *counted, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

void faults_arm(int kind, long at) {
  chosen = at;
  *counted = 0;
  fault = kind;
}

long faults_counted(void) { return *counted; }

static int fail_with(int number) {
  errno = number;
  return FAIL;
}

static int point(int needs_space, int fd) {
  long here;
  if (fault == OFF) return HAPPEN;
  if (fault == ENOSPC_FROM && (!needs_space || fd <= 2)) return HAPPEN;
  here = __sync_add_and_fetch(counted, 1);
  if (here < chosen) return HAPPEN;
  if (fault == ENOSPC_FROM) return here == chosen && needs_space == 2 ? HALF : fail_with(ENOSPC);
  if (here > chosen) return HAPPEN;
  if (fault == KILL) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
  return fail_with(EIO);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define GUARDED(name, needs_space, fd, ...)                    \
  do {                                                         \
    if (point(needs_space, fd) == FAIL) return -1;             \
    return REAL(name)(__VA_ARGS__);                            \
  } while (0)

/* Calls with a size: half of it may happen. */
static size_t allowed(int fd, size_t size) {
  switch (point(2, fd)) {
    case FAIL: return 0;
    case HALF: if (size > 1) return size / 2; errno = ENOSPC; return 0;
    default: return size;
  }
}

ssize_t write(int fd, const void *data, size_t size) {
  size_t some = size ? allowed(fd, size) : 0;
  return size && !some ? -1 : REAL(write)(fd, data, some);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  size_t some = size ? allowed(fd, size) : 0;
  return size && !some ? -1 : REAL(pwrite)(fd, data, some, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  size_t some = size ? allowed(fd, size) : 0;
  return size && !some ? -1 : REAL(pwrite64)(fd, data, some, at);
}

ssize_t writev(int fd, const struct iovec *data, int count) { GUARDED(writev, 1, fd, fd, data, count); }
int fsync(int fd) { GUARDED(fsync, 0, fd, fd); }
int fdatasync(int fd) { GUARDED(fdatasync, 0, fd, fd); }
int ftruncate(int fd, off_t size) { GUARDED(ftruncate, 0, fd, fd, size); }
int ftruncate64(int fd, off64_t size) { GUARDED(ftruncate64, 0, fd, fd, size); }
int unlink(const char *path) { GUARDED(unlink, 0, 3, path); }
int rename(const char *from, const char *to) { GUARDED(rename, 0, 3, from, to); }
ssize_t send(int fd, const void *data, size_t size, int flags) { GUARDED(send, 0, fd, fd, data, size, flags); }
ssize_t sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *to, socklen_t length) {
  GUARDED(sendto, 0, fd, fd, data, size, flags, to, length);
}
int connect(int fd, const struct sockaddr *to, socklen_t length) { GUARDED(connect, 0, fd, fd, to, length); }

#define OPENING(name, parameters, ...)                                        \
  int name parameters {                                                       \
    mode_t mode = 0;                                                          \
    if (flags & O_CREAT) {                                                    \
      va_list rest;                                                           \
      va_start(rest, flags);                                                  \
      mode = va_arg(rest, mode_t);                                            \
      va_end(rest);                                                           \
      if (point(1, 3) == FAIL) return -1;                                     \
    }                                                                         \
    return REAL(name)(__VA_ARGS__, flags, mode);                              \
  }

OPENING(open, (const char *path, int flags, ...), path)
OPENING(open64, (const char *path, int flags, ...), path)
OPENING(openat, (int folder, const char *path, int flags, ...), folder, path)
OPENING(openat64, (int folder, const char *path, int flags, ...), folder, path)
