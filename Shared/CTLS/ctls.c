#define _GNU_SOURCE
#include "CTLS.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#ifdef __GLIBC__
#include <nss.h>
#endif

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// A program that links CSmallTLS has that target's functions instead.
#pragma weak ctls_context_new
#pragma weak ctls_context_free
#pragma weak ctls_session_new
#pragma weak ctls_session_free
#pragma weak ctls_handshake
#pragma weak ctls_read
#pragma weak ctls_write
#pragma weak ctls_shutdown

struct ctls_context {
    SSL_CTX *ssl;
    BIO_METHOD *transport;
};

struct ctls_session {
    SSL *ssl;
};

// MARK: - Messages

static void describe(char *message, size_t size, const char *fallback) {
    unsigned long code = ERR_peek_last_error();
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
    snprintf(message, size, "%s", reason != NULL ? reason : fallback);
    ERR_clear_error();
}

// MARK: - Transport

// OpenSSL's own socket BIO uses write(), which raises SIGPIPE on a closed peer. This one uses
// send(MSG_NOSIGNAL), and MSG_DONTWAIT so that the descriptor itself can stay in blocking mode.

static int descriptor_of(BIO *bio) { return (int)(long)BIO_get_data(bio); }

static int would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

static int transport_write(BIO *bio, const char *bytes, int count) {
    BIO_clear_retry_flags(bio);
    ssize_t sent = send(descriptor_of(bio), bytes, (size_t)count, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && would_block(errno)) BIO_set_retry_write(bio);
    return (int)sent;
}

static int transport_read(BIO *bio, char *bytes, int count) {
    BIO_clear_retry_flags(bio);
    ssize_t received = recv(descriptor_of(bio), bytes, (size_t)count, MSG_DONTWAIT);
    if (received < 0 && would_block(errno)) BIO_set_retry_read(bio);
    return (int)received;
}

static long transport_control(BIO *bio, int command, long number, void *pointer) {
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static BIO_METHOD *transport_new(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "descriptor");
    if (method == NULL) return NULL;
    BIO_meth_set_write(method, transport_write);
    BIO_meth_set_read(method, transport_read);
    BIO_meth_set_ctrl(method, transport_control);
    return method;
}

// MARK: - Context

ctls_context *ctls_context_new(
    const char *ca_file, const char *ca_directory, char *message, size_t message_size) {
    ctls_context *context = calloc(1, sizeof *context);
    if (context == NULL) {
        snprintf(message, message_size, "out of memory");
        return NULL;
    }
    context->transport = transport_new();
    context->ssl = SSL_CTX_new(TLS_client_method());
    if (context->transport == NULL || context->ssl == NULL) {
        describe(message, message_size, "cannot create a TLS context");
        ctls_context_free(context);
        return NULL;
    }
    SSL_CTX_set_min_proto_version(context->ssl, TLS1_2_VERSION);
    SSL_CTX_set_verify(context->ssl, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_mode(context->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if ((ca_file != NULL || ca_directory != NULL)
        && SSL_CTX_load_verify_locations(context->ssl, ca_file, ca_directory) != 1) {
        describe(message, message_size, "cannot load the certificate authorities");
        ctls_context_free(context);
        return NULL;
    }
    return context;
}

void ctls_context_free(ctls_context *context) {
    if (context == NULL) return;
    SSL_CTX_free(context->ssl);
    BIO_meth_free(context->transport);
    free(context);
}

// MARK: - Session

static int is_numeric_address(const char *host) {
    unsigned char address[16];
    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

static int expect_host(SSL *ssl, const char *host) {
    X509_VERIFY_PARAM *verify = SSL_get0_param(ssl);
    if (is_numeric_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(verify, host);
    X509_VERIFY_PARAM_set_hostflags(verify, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(verify, host, 0) == 1
        && SSL_set_tlsext_host_name(ssl, host) == 1;
}

ctls_session *ctls_session_new(
    ctls_context *context, int descriptor, const char *host, char *message, size_t message_size) {
    ctls_session *session = calloc(1, sizeof *session);
    BIO *bio = BIO_new(context->transport);
    SSL *ssl = SSL_new(context->ssl);
    if (session == NULL || bio == NULL || ssl == NULL || !expect_host(ssl, host)) {
        describe(message, message_size, "cannot create a TLS session");
        free(session);
        BIO_free(bio);
        SSL_free(ssl);
        return NULL;
    }
    BIO_set_data(bio, (void *)(long)descriptor);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_connect_state(ssl);
    session->ssl = ssl;
    return session;
}

void ctls_session_free(ctls_session *session) {
    if (session == NULL) return;
    SSL_free(session->ssl);
    free(session);
}

static enum ctls_status status_of(SSL *ssl, int result, char *message, size_t message_size) {
    switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_NONE: return CTLS_OK;
    case SSL_ERROR_WANT_READ: return CTLS_WANT_READ;
    case SSL_ERROR_WANT_WRITE: return CTLS_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN: return CTLS_CLOSED;
    case SSL_ERROR_SYSCALL:
        describe(message, message_size, "the peer closed the connection");
        return CTLS_FAILED;
    default:
        describe(message, message_size, "TLS failure");
        return CTLS_FAILED;
    }
}

enum ctls_status ctls_handshake(ctls_session *session, char *message, size_t message_size) {
    ERR_clear_error();
    int result = SSL_do_handshake(session->ssl);
    if (result == 1) return CTLS_OK;
    enum ctls_status status = status_of(session->ssl, result, message, message_size);
    long verified = SSL_get_verify_result(session->ssl);
    if (status == CTLS_FAILED && verified != X509_V_OK) {
        snprintf(message, message_size, "%s", X509_verify_cert_error_string(verified));
    }
    return status;
}

enum ctls_status ctls_read(
    ctls_session *session, void *buffer, size_t size, size_t *count, char *message, size_t message_size) {
    ERR_clear_error();
    int result = SSL_read_ex(session->ssl, buffer, size, count);
    return result == 1 ? CTLS_OK : status_of(session->ssl, result, message, message_size);
}

enum ctls_status ctls_write(
    ctls_session *session, const void *buffer, size_t size, size_t *count, char *message,
    size_t message_size) {
    ERR_clear_error();
    int result = SSL_write_ex(session->ssl, buffer, size, count);
    return result == 1 ? CTLS_OK : status_of(session->ssl, result, message, message_size);
}

void ctls_shutdown(ctls_session *session) {
    ERR_clear_error();
    SSL_shutdown(session->ssl);
    ERR_clear_error();
}

// MARK: - Host names

void ctls_configure_host_lookup(void) {
#ifdef __GLIBC__
    __nss_configure_lookup("hosts", "files dns");
#endif
}
