#include "include/CSignature.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

/* EVP_PKEY's own name, so that the header needs nothing of OpenSSL. */
struct mumble_public_key { char unused; };

static EVP_PKEY *inner(mumble_public_key *key) { return (EVP_PKEY *)key; }

/* The key that `params` describe. Errors of OpenSSL are left to nobody: its queue is emptied. */
static mumble_public_key *from_params(const char *kind, OSSL_PARAM *params) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    if (context != NULL && params != NULL && EVP_PKEY_fromdata_init(context) > 0 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    return (mumble_public_key *)key;
}

mumble_public_key *mumble_rsa_key(
    const uint8_t *modulus, size_t modulus_length, const uint8_t *exponent, size_t exponent_length) {
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(modulus, (int)modulus_length, NULL);
    BIGNUM *e = BN_bin2bn(exponent, (int)exponent_length, NULL);
    OSSL_PARAM *params = NULL;
    if (builder != NULL && n != NULL && e != NULL && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e))
        params = OSSL_PARAM_BLD_to_param(builder);
    mumble_public_key *key = from_params("RSA", params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return key;
}

mumble_public_key *mumble_p256_key(const uint8_t *x, const uint8_t *y) {
    uint8_t point[65];
    point[0] = POINT_CONVERSION_UNCOMPRESSED;
    for (int index = 0; index < 32; index++) {
        point[1 + index] = x[index];
        point[33 + index] = y[index];
    }
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
        OSSL_PARAM_construct_end(),
    };
    return from_params("EC", params);
}

void mumble_public_key_free(mumble_public_key *key) { EVP_PKEY_free(inner(key)); }

/* OpenSSL wants an ECDSA signature as DER; the caller frees it. */
static int der_of(const uint8_t *signature, size_t length, unsigned char **der) {
    if (length != 64) return -1;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, 32, NULL);
    BIGNUM *s = BN_bin2bn(signature + 32, 32, NULL);
    if (pair == NULL || r == NULL || s == NULL || !ECDSA_SIG_set0(pair, r, s)) {
        ECDSA_SIG_free(pair);
        BN_free(r);
        BN_free(s);
        return -1;
    }
    int size = i2d_ECDSA_SIG(pair, der);
    ECDSA_SIG_free(pair);
    return size;
}

int mumble_signature_holds(
    mumble_public_key *key, int bits, const uint8_t *message, size_t message_length, const uint8_t *signature,
    size_t signature_length) {
    unsigned char *der = NULL;
    if (EVP_PKEY_is_a(inner(key), "EC")) {
        int size = der_of(signature, signature_length, &der);
        if (size < 0) return 0;
        signature = der;
        signature_length = (size_t)size;
    }
    const EVP_MD *digest = bits == 256 ? EVP_sha256() : bits == 384 ? EVP_sha384() : EVP_sha512();
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int holds = context != NULL && EVP_DigestVerifyInit(context, NULL, digest, NULL, inner(key)) > 0 &&
                EVP_DigestVerify(context, signature, signature_length, message, message_length) == 1;
    EVP_MD_CTX_free(context);
    OPENSSL_free(der);
    ERR_clear_error();
    return holds;
}
