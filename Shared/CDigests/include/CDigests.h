#ifndef MUMBLE_CDIGESTS_H
#define MUMBLE_CDIGESTS_H

#include <stddef.h>
#include <stdint.h>

/* Room for any of the three contexts below; checked by _Static_assert in shim.c. */
typedef struct { uint64_t storage[16]; } mumble_digest_context;

void mumble_sha256_init(mumble_digest_context *context);
void mumble_sha256_update(mumble_digest_context *context, const void *bytes, size_t count);
void mumble_sha256_final(mumble_digest_context *context, uint8_t *digest /* 32 bytes */);

void mumble_sha1_init(mumble_digest_context *context);
void mumble_sha1_update(mumble_digest_context *context, const void *bytes, size_t count);
void mumble_sha1_final(mumble_digest_context *context, uint8_t *digest /* 20 bytes */);

void mumble_md5_init(mumble_digest_context *context);
void mumble_md5_update(mumble_digest_context *context, const void *bytes, size_t count);
void mumble_md5_final(mumble_digest_context *context, uint8_t *digest /* 16 bytes */);

uint32_t mumble_crc32(uint32_t crc, const void *bytes, size_t count);
uint32_t mumble_crc32c(uint32_t crc, const void *bytes, size_t count);
uint64_t mumble_crc64nvme(uint64_t crc, const void *bytes, size_t count);

#endif
