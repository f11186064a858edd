#ifndef MUMBLE_CRCFOLD_H
#define MUMBLE_CRCFOLD_H

#include <stddef.h>
#include <stdint.h>

/* Fewer bytes than this are not worth it; `mumble_fold` needs at least 64. */
enum { mumble_fold_minimum = 128, mumble_fold_remainder = 16 };

typedef struct {
    uint64_t by512[2];
    uint64_t by128[2];
} mumble_fold_factors;

int mumble_can_fold(void);

/* `polynomial` is the reflected one, of `width` bits. */
void mumble_fold_prepare(mumble_fold_factors *factors, uint64_t polynomial, int width);

/* Takes whole blocks of 64 bytes. The checksum of what was taken, after `state`, is that of the 16 bytes of
 * `remainder` after a state of 0. Returns how many bytes were taken. */
size_t mumble_fold(
    const mumble_fold_factors *factors, uint64_t state, const uint8_t *bytes, size_t count, uint8_t *remainder);

#endif
