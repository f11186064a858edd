// PNG in and out over libpng's simplified interface: errors come back as values, never by longjmp.
#ifndef CIMAGES_H
#define CIMAGES_H

#include <stddef.h>
#include <stdint.h>

/// Reads the header. 1 on success; 0 when the bytes are no PNG, the reason in `message` (64 bytes).
int cimages_png_size(
    const uint8_t *bytes, size_t count, uint32_t *width, uint32_t *height, char message[64]);

/// Decodes to RGBA, 8 bits a channel, not premultiplied, rows top to bottom without padding.
/// `pixels` must hold exactly width * height * 4 bytes as told by cimages_png_size.
int cimages_png_decode(
    const uint8_t *bytes, size_t count, uint8_t *pixels, size_t pixels_size, char message[64]);

/// Encodes RGBA pixels. Returns the byte count, at most `capacity`; 0 on failure.
size_t cimages_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint8_t *bytes, size_t capacity,
    char message[64]);

/// An upper bound for the encoded size of an RGBA picture.
size_t cimages_png_encoded_bound(uint32_t width, uint32_t height);

#endif
