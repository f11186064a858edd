// A TLS client over OpenSSL, small enough to link statically: contexts, sessions, and nothing else.
// No call here blocks; the caller polls the descriptor as told by the returned status.
#ifndef CTLS_H
#define CTLS_H

#include <stddef.h>

typedef struct ctls_context ctls_context;
typedef struct ctls_session ctls_session;

enum ctls_status {
    CTLS_OK = 0,
    CTLS_WANT_READ = 1,
    CTLS_WANT_WRITE = 2,
    CTLS_CLOSED = 3,
    CTLS_FAILED = 4,
};

/// A client context: TLS 1.2 or later, peer verification on. `ca_file` (PEM) and `ca_directory`
/// (hashed by subject) may each be NULL. NULL on failure, the reason in `message`.
ctls_context *ctls_context_new(
    const char *ca_file, const char *ca_directory, char *message, size_t message_size);
void ctls_context_free(ctls_context *context);

/// A session on a connected socket, which stays the caller's. The certificate must be valid for
/// `host`, a DNS name (also sent as SNI, RFC 6066) or a numeric address (no SNI).
ctls_session *ctls_session_new(
    ctls_context *context, int descriptor, const char *host, char *message, size_t message_size);
void ctls_session_free(ctls_session *session);

/// One step of the handshake; `message` is filled on CTLS_FAILED.
enum ctls_status ctls_handshake(ctls_session *session, char *message, size_t message_size);
/// Reads up to `size` bytes; `*count` is the number read on CTLS_OK.
enum ctls_status ctls_read(
    ctls_session *session, void *buffer, size_t size, size_t *count, char *message, size_t message_size);
/// Writes up to `size` bytes; `*count` is the number accepted on CTLS_OK.
enum ctls_status ctls_write(
    ctls_session *session, const void *buffer, size_t size, size_t *count, char *message,
    size_t message_size);
/// Sends close_notify if that is possible without waiting.
void ctls_shutdown(ctls_session *session);

/// Restricts host lookups to /etc/hosts and DNS. In a static program any other service of
/// nsswitch.conf would need dlopen, which aborts; call it before the first getaddrinfo.
void ctls_configure_host_lookup(void);

#endif
