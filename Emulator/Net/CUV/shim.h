#ifndef CUV_SHIM_H
#define CUV_SHIM_H

#include <errno.h>
#if defined(__linux__)
#include <sys/sendfile.h>
#endif
#include <sys/types.h>
#include <sys/uio.h>
#include <uv.h>

#if defined(__linux__) && defined(__GLIBC__)
/* glibc declares it only under _GNU_SOURCE, which would change other types in Swift's eyes. */
ssize_t preadv2(int descriptor, const struct iovec *vectors, int count, off_t offset, int flags);
#define CUV_RWF_NOWAIT 0x00000008
#endif

/* Reads only what the page cache holds, so that the loop thread never waits for a disk.
   Returns -1 with EAGAIN when a disk read would be needed, and where the system has no such call. */
static inline ssize_t cuv_read_cached(int descriptor, void *buffer, size_t length, int64_t offset) {
#ifdef CUV_RWF_NOWAIT
    struct iovec vector = {buffer, length};
    ssize_t count = preadv2(descriptor, &vector, 1, offset, CUV_RWF_NOWAIT);
    if (count < 0 && (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL)) errno = EAGAIN;
    return count;
#else
    (void)descriptor;
    (void)buffer;
    (void)length;
    (void)offset;
    errno = EAGAIN;
    return -1;
#endif
}

/* Moves file bytes into a socket without a copy through this process. Returns -1 with EAGAIN when the socket
   takes no more now, and with EINVAL where this cannot be done. */
static inline ssize_t cuv_send_file(int socket, int descriptor, int64_t offset, size_t length) {
#if defined(__linux__)
    off_t position = offset;
    return sendfile(socket, descriptor, &position, length);
#else
    (void)socket;
    (void)descriptor;
    (void)offset;
    (void)length;
    errno = EINVAL;
    return -1;
#endif
}

#endif
