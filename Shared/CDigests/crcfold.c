/* Checksums by carry-less multiplication, where the processor has it: 64 bytes a step.
 *
 * All three checksums are reflected: bit 0 of the first byte is the highest power. A register of 128 bits stands
 * for the polynomial L * x^64 + H, L being its low half. Moving it D bits ahead, that is multiplying it by x^D,
 * gives L * x^(D+64) + H * x^D, modulo the checksum's polynomial. A carry-less product of two reflected halves
 * comes out multiplied by x, so the two factors are x^(D+63) and x^(D-1). What is left of the message at the end
 * is one register, whose 16 bytes have the same checksum as everything before them. */
#include "crcfold.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

int mumble_can_fold(void) {
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_PCLMUL) && (c & bit_SSE4_1);
}

/* x^power modulo the polynomial, reflected, x^0 being the highest of 64 bits. `polynomial` stands there, too, with
 * the coefficient of its own degree if that has a bit. */
static uint64_t power_of_x(unsigned power, uint64_t polynomial, int width) {
    uint64_t value = 1ull << 63; /* x^0 */
    uint64_t lowest = 1ull << (64 - width);
    for (; power > 0; power--) value = value & lowest ? (value >> 1) ^ polynomial : value >> 1;
    return value;
}

void mumble_fold_prepare(mumble_fold_factors *factors, uint64_t polynomial, int width) {
    polynomial <<= 64 - width;
    if (width < 64) polynomial |= 1ull << (63 - width);
    factors->by512[0] = power_of_x(512 + 63, polynomial, width);
    factors->by512[1] = power_of_x(512 - 1, polynomial, width);
    factors->by128[0] = power_of_x(128 + 63, polynomial, width);
    factors->by128[1] = power_of_x(128 - 1, polynomial, width);
}

__attribute__((target("pclmul,sse4.1"))) static inline __m128i advance(__m128i value, __m128i factors) {
    return _mm_xor_si128(_mm_clmulepi64_si128(value, factors, 0x00), _mm_clmulepi64_si128(value, factors, 0x11));
}

__attribute__((target("pclmul,sse4.1"))) size_t mumble_fold(
    const mumble_fold_factors *factors, uint64_t state, const uint8_t *bytes, size_t count, uint8_t *remainder) {
    const __m128i *next = (const __m128i *)bytes;
    const __m128i by512 = _mm_loadu_si128((const __m128i *)factors->by512);
    const __m128i by128 = _mm_loadu_si128((const __m128i *)factors->by128);
    __m128i a = _mm_xor_si128(_mm_loadu_si128(next), _mm_cvtsi64_si128((long long)state));
    __m128i b = _mm_loadu_si128(next + 1);
    __m128i c = _mm_loadu_si128(next + 2);
    __m128i d = _mm_loadu_si128(next + 3);
    size_t steps = count / 64;
    for (size_t step = 1; step < steps; step++) {
        next += 4;
        a = _mm_xor_si128(advance(a, by512), _mm_loadu_si128(next));
        b = _mm_xor_si128(advance(b, by512), _mm_loadu_si128(next + 1));
        c = _mm_xor_si128(advance(c, by512), _mm_loadu_si128(next + 2));
        d = _mm_xor_si128(advance(d, by512), _mm_loadu_si128(next + 3));
    }
    b = _mm_xor_si128(advance(a, by128), b);
    c = _mm_xor_si128(advance(b, by128), c);
    d = _mm_xor_si128(advance(c, by128), d);
    _mm_storeu_si128((__m128i *)remainder, d);
    return steps * 64;
}

#else

int mumble_can_fold(void) { return 0; }

void mumble_fold_prepare(mumble_fold_factors *factors, uint64_t polynomial, int width) {
    (void)factors, (void)polynomial, (void)width;
}

size_t mumble_fold(
    const mumble_fold_factors *factors, uint64_t state, const uint8_t *bytes, size_t count, uint8_t *remainder) {
    (void)factors, (void)state, (void)bytes, (void)count, (void)remainder;
    return 0;
}

#endif
