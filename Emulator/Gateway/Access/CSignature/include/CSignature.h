/* Signatures of JSON Web Tokens over OpenSSL: public keys from the numbers of a JSON Web Key, and checks. */
#ifndef MUMBLE_CSIGNATURE_H
#define MUMBLE_CSIGNATURE_H

#include <stddef.h>
#include <stdint.h>

typedef struct mumble_public_key mumble_public_key;

/* An RSA key of a modulus and an exponent, both big-endian; NULL when they make none. */
mumble_public_key *mumble_rsa_key(
    const uint8_t *modulus, size_t modulus_length, const uint8_t *exponent, size_t exponent_length);

/* A point of the curve P-256, each coordinate 32 bytes; NULL when there is no such point. */
mumble_public_key *mumble_p256_key(const uint8_t *x, const uint8_t *y);

void mumble_public_key_free(mumble_public_key *key);

/* Whether `signature` is the key's over `message` hashed by SHA-`bits` (256, 384 or 512): PKCS #1 v1.5 of an RSA key,
 * the 64 bytes R and S of a P-256 key (RFC 7518, 3.3 and 3.4). From any thread. */
int mumble_signature_holds(
    mumble_public_key *key, int bits, const uint8_t *message, size_t message_length, const uint8_t *signature,
    size_t signature_length);

#endif
