/* CRC-32C and CRC-64/NVME by slicing: eight bytes a step, eight tables of 256 entries, built on
 * first use. Both are reflected and inverted at start and end. Longer inputs of these and of CRC-32 are
 * folded first where the processor can. */
#include "include/CDigests.h"

#include "crcfold.h"

#include <pthread.h>
#include <string.h>
#include <zlib.h>

/* Bit-reversed polynomials: CRC-32C (RFC 3720, appendix B.4), CRC-64/NVME (NVM Express, NVM Command
 * Set Specification 1.0, section 5.2.1.3.4). */
static const uint32_t castagnoli = 0x82F63B78u;
static const uint64_t nvme = 0x9A6C9329AC4BC9B5u;
static const uint32_t iso_hdlc = 0xEDB88320u;

static uint32_t tables32[8][256];
static uint64_t tables64[8][256];

static int can_fold;
static mumble_fold_factors castagnoli_factors, nvme_factors, iso_hdlc_factors;

static void build_tables(void) {
    can_fold = mumble_can_fold();
    mumble_fold_prepare(&castagnoli_factors, castagnoli, 32);
    mumble_fold_prepare(&nvme_factors, nvme, 64);
    mumble_fold_prepare(&iso_hdlc_factors, iso_hdlc, 32);
    for (unsigned byte = 0; byte < 256; byte++) {
        uint32_t narrow = byte;
        uint64_t wide = byte;
        for (int bit = 0; bit < 8; bit++) {
            narrow = narrow & 1 ? narrow >> 1 ^ castagnoli : narrow >> 1;
            wide = wide & 1 ? wide >> 1 ^ nvme : wide >> 1;
        }
        tables32[0][byte] = narrow;
        tables64[0][byte] = wide;
    }
    for (int slice = 1; slice < 8; slice++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            uint32_t narrow = tables32[slice - 1][byte];
            uint64_t wide = tables64[slice - 1][byte];
            tables32[slice][byte] = narrow >> 8 ^ tables32[0][narrow & 255];
            tables64[slice][byte] = wide >> 8 ^ tables64[0][wide & 255];
        }
    }
}

static void need_tables(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, build_tables);
}

static uint64_t load_little_endian(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static uint32_t slice32(uint32_t state, const uint8_t *next, size_t count) {
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word = load_little_endian(next) ^ state;
        state = tables32[7][word & 255] ^ tables32[6][word >> 8 & 255] ^ tables32[5][word >> 16 & 255] ^
                tables32[4][word >> 24 & 255] ^ tables32[3][word >> 32 & 255] ^
                tables32[2][word >> 40 & 255] ^ tables32[1][word >> 48 & 255] ^ tables32[0][word >> 56];
    }
    for (; count > 0; count--, next++) state = state >> 8 ^ tables32[0][(state ^ *next) & 255];
    return state;
}

static uint64_t slice64(uint64_t state, const uint8_t *next, size_t count) {
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word = load_little_endian(next) ^ state;
        state = tables64[7][word & 255] ^ tables64[6][word >> 8 & 255] ^ tables64[5][word >> 16 & 255] ^
                tables64[4][word >> 24 & 255] ^ tables64[3][word >> 32 & 255] ^
                tables64[2][word >> 40 & 255] ^ tables64[1][word >> 48 & 255] ^ tables64[0][word >> 56];
    }
    for (; count > 0; count--, next++) state = state >> 8 ^ tables64[0][(state ^ *next) & 255];
    return state;
}

uint32_t mumble_crc32c(uint32_t crc, const void *bytes, size_t count) {
    need_tables();
    const uint8_t *next = bytes;
    uint32_t state = ~crc;
    if (can_fold && count >= mumble_fold_minimum) {
        uint8_t remainder[mumble_fold_remainder];
        size_t taken = mumble_fold(&castagnoli_factors, state, next, count, remainder);
        state = slice32(0, remainder, sizeof remainder);
        next += taken, count -= taken;
    }
    return ~slice32(state, next, count);
}

uint64_t mumble_crc64nvme(uint64_t crc, const void *bytes, size_t count) {
    need_tables();
    const uint8_t *next = bytes;
    uint64_t state = ~crc;
    if (can_fold && count >= mumble_fold_minimum) {
        uint8_t remainder[mumble_fold_remainder];
        size_t taken = mumble_fold(&nvme_factors, state, next, count, remainder);
        state = slice64(0, remainder, sizeof remainder);
        next += taken, count -= taken;
    }
    return ~slice64(state, next, count);
}

/* zlib has its own tables and takes inverted states. */
uint32_t mumble_crc32(uint32_t crc, const void *bytes, size_t count) {
    need_tables();
    const uint8_t *next = bytes;
    if (can_fold && count >= mumble_fold_minimum) {
        uint8_t remainder[mumble_fold_remainder];
        size_t taken = mumble_fold(&iso_hdlc_factors, (uint32_t)~crc, next, count, remainder);
        crc = (uint32_t)crc32_z(0xFFFFFFFFu, remainder, sizeof remainder);
        next += taken, count -= taken;
    }
    return count > 0 ? (uint32_t)crc32_z(crc, next, count) : crc;
}
