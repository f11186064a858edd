/* The low-level functions are used on purpose: EVP and the one-shot SHA256() fetch algorithms from
 * OpenSSL's providers, which costs a static handler its start-up time and two megabytes. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "include/CDigests.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(mumble_digest_context), "SHA-256 context fits");
_Static_assert(sizeof(SHA_CTX) <= sizeof(mumble_digest_context), "SHA-1 context fits");
_Static_assert(sizeof(MD5_CTX) <= sizeof(mumble_digest_context), "MD5 context fits");

void mumble_sha256_init(mumble_digest_context *context) { SHA256_Init((SHA256_CTX *)context); }

void mumble_sha256_update(mumble_digest_context *context, const void *bytes, size_t count) {
    SHA256_Update((SHA256_CTX *)context, bytes, count);
}

void mumble_sha256_final(mumble_digest_context *context, uint8_t *digest) {
    SHA256_Final(digest, (SHA256_CTX *)context);
}

void mumble_sha1_init(mumble_digest_context *context) { SHA1_Init((SHA_CTX *)context); }

void mumble_sha1_update(mumble_digest_context *context, const void *bytes, size_t count) {
    SHA1_Update((SHA_CTX *)context, bytes, count);
}

void mumble_sha1_final(mumble_digest_context *context, uint8_t *digest) {
    SHA1_Final(digest, (SHA_CTX *)context);
}

void mumble_md5_init(mumble_digest_context *context) { MD5_Init((MD5_CTX *)context); }

void mumble_md5_update(mumble_digest_context *context, const void *bytes, size_t count) {
    MD5_Update((MD5_CTX *)context, bytes, count);
}

void mumble_md5_final(mumble_digest_context *context, uint8_t *digest) {
    MD5_Final(digest, (MD5_CTX *)context);
}
