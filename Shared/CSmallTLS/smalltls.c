// The functions of CTLS.h over Mbed TLS, which is a sixth of OpenSSL's size, for handlers that shall be
// small. They stand in for those of the target CTLS, which are weak. TLS 1.2 only, and names of hosts, not
// numeric addresses: a certificate for those is refused.
//
// Release builds only: unit tests are one program, in which these would stand in for all handlers' OpenSSL.
#ifndef DEBUG
#define _GNU_SOURCE
#include "CTLS.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mbedtls/error.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

struct ctls_context {
    mbedtls_ssl_config settings;
    mbedtls_x509_crt roots;
};

struct ctls_session {
    mbedtls_ssl_context ssl;
    int descriptor;
};

static void describe(char *message, size_t size, int code) {
    if (code == MBEDTLS_ERR_SSL_CONN_EOF) {
        snprintf(message, size, "the peer closed the connection");
    } else {
        mbedtls_strerror(code, message, size);
    }
}

// MARK: - Context

// The kernel's generator needs no state, so that threads may share a context.
static int random_bytes(void *unused, unsigned char *bytes, size_t count) {
    (void)unused;
    while (count > 0) {
        ssize_t got = getrandom(bytes, count, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return MBEDTLS_ERR_SSL_HW_ACCEL_FAILED;
        bytes += got;
        count -= (size_t)got;
    }
    return 0;
}

// A folder of certificates has, beside one file for each, all in one, which is read faster.
static int load_directory(mbedtls_x509_crt *roots, const char *directory) {
    static const char *const bundles[] = {"ca-certificates.crt", "ca-bundle.crt"};
    for (size_t index = 0; index < sizeof bundles / sizeof *bundles; index++) {
        char path[4096];
        int length = snprintf(path, sizeof path, "%s/%s", directory, bundles[index]);
        if (length > 0 && (size_t)length < sizeof path && access(path, R_OK) == 0) {
            return mbedtls_x509_crt_parse_file(roots, path);
        }
    }
    return mbedtls_x509_crt_parse_path(roots, directory);
}

ctls_context *ctls_context_new(
    const char *ca_file, const char *ca_directory, char *message, size_t message_size) {
    ctls_context *context = calloc(1, sizeof *context);
    if (context == NULL) {
        snprintf(message, message_size, "out of memory");
        return NULL;
    }
    mbedtls_ssl_config_init(&context->settings);
    mbedtls_x509_crt_init(&context->roots);
    int code = mbedtls_ssl_config_defaults(
        &context->settings, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    // Above zero is the number of certificates that it cannot use; others of them it can.
    if (code == 0 && ca_file != NULL) code = mbedtls_x509_crt_parse_file(&context->roots, ca_file);
    if (code >= 0 && ca_directory != NULL) code = load_directory(&context->roots, ca_directory);
    if (code < 0 || (code > 0 && context->roots.version == 0)) {
        snprintf(message, message_size, "cannot load the certificate authorities");
        ctls_context_free(context);
        return NULL;
    }
    mbedtls_ssl_conf_min_version(
        &context->settings, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_authmode(&context->settings, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(&context->settings, &context->roots, NULL);
    mbedtls_ssl_conf_rng(&context->settings, random_bytes, NULL);
    return context;
}

void ctls_context_free(ctls_context *context) {
    if (context == NULL) return;
    mbedtls_ssl_config_free(&context->settings);
    mbedtls_x509_crt_free(&context->roots);
    free(context);
}

// MARK: - Session

static int transport_send(void *pointer, const unsigned char *bytes, size_t count) {
    const ctls_session *session = pointer;
    ssize_t sent = send(session->descriptor, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return (int)sent;
    return errno == EAGAIN || errno == EINTR ? MBEDTLS_ERR_SSL_WANT_WRITE : MBEDTLS_ERR_SSL_CONN_EOF;
}

static int transport_receive(void *pointer, unsigned char *bytes, size_t count) {
    const ctls_session *session = pointer;
    ssize_t received = recv(session->descriptor, bytes, count, MSG_DONTWAIT);
    if (received >= 0) return (int)received;
    return errno == EAGAIN || errno == EINTR ? MBEDTLS_ERR_SSL_WANT_READ : MBEDTLS_ERR_SSL_CONN_EOF;
}

ctls_session *ctls_session_new(
    ctls_context *context, int descriptor, const char *host, char *message, size_t message_size) {
    ctls_session *session = calloc(1, sizeof *session);
    if (session == NULL) {
        snprintf(message, message_size, "out of memory");
        return NULL;
    }
    mbedtls_ssl_init(&session->ssl);
    session->descriptor = descriptor;
    int code = mbedtls_ssl_setup(&session->ssl, &context->settings);
    if (code == 0) code = mbedtls_ssl_set_hostname(&session->ssl, host);
    if (code != 0) {
        describe(message, message_size, code);
        ctls_session_free(session);
        return NULL;
    }
    mbedtls_ssl_set_bio(&session->ssl, session, transport_send, transport_receive, NULL);
    return session;
}

void ctls_session_free(ctls_session *session) {
    if (session == NULL) return;
    mbedtls_ssl_free(&session->ssl);
    free(session);
}

static enum ctls_status status_of(int code, char *message, size_t message_size) {
    switch (code) {
    case MBEDTLS_ERR_SSL_WANT_READ: return CTLS_WANT_READ;
    case MBEDTLS_ERR_SSL_WANT_WRITE: return CTLS_WANT_WRITE;
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY: return CTLS_CLOSED;
    default: describe(message, message_size, code); return CTLS_FAILED;
    }
}

enum ctls_status ctls_handshake(ctls_session *session, char *message, size_t message_size) {
    int code = mbedtls_ssl_handshake(&session->ssl);
    if (code == 0) return CTLS_OK;
    if (code == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) {
        char reasons[256];
        uint32_t flags = mbedtls_ssl_get_verify_result(&session->ssl);
        mbedtls_x509_crt_verify_info(reasons, sizeof reasons, "", flags);
        // One reason a line; the first says enough.
        snprintf(message, message_size, "%.*s", (int)strcspn(reasons, "\n"), reasons);
        return CTLS_FAILED;
    }
    return status_of(code, message, message_size);
}

enum ctls_status ctls_read(
    ctls_session *session, void *buffer, size_t size, size_t *count, char *message, size_t message_size) {
    int code = mbedtls_ssl_read(&session->ssl, buffer, size);
    if (code > 0) {
        *count = (size_t)code;
        return CTLS_OK;
    }
    // The end of the stream without the peer's close_notify is no end that can be trusted.
    return status_of(code == 0 ? MBEDTLS_ERR_SSL_CONN_EOF : code, message, message_size);
}

enum ctls_status ctls_write(
    ctls_session *session, const void *buffer, size_t size, size_t *count, char *message,
    size_t message_size) {
    int code = mbedtls_ssl_write(&session->ssl, buffer, size);
    if (code >= 0) {
        *count = (size_t)code;
        return CTLS_OK;
    }
    return status_of(code, message, message_size);
}

void ctls_shutdown(ctls_session *session) { mbedtls_ssl_close_notify(&session->ssl); }

#endif
