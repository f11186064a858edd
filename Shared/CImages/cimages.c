#include "CImages.h"

#include <png.h>
#include <stdio.h>
#include <string.h>

static int failed(png_image *image, char message[64]) {
    snprintf(message, 64, "%.63s", image->message[0] != '\0' ? image->message : "libpng gave no reason");
    png_image_free(image);
    return 0;
}

static void prepare(png_image *image) {
    memset(image, 0, sizeof *image);
    image->version = PNG_IMAGE_VERSION;
}

int cimages_png_size(
    const uint8_t *bytes, size_t count, uint32_t *width, uint32_t *height, char message[64]) {
    png_image image;
    prepare(&image);
    if (!png_image_begin_read_from_memory(&image, bytes, count)) return failed(&image, message);
    *width = image.width;
    *height = image.height;
    png_image_free(&image);
    return 1;
}

int cimages_png_decode(
    const uint8_t *bytes, size_t count, uint8_t *pixels, size_t pixels_size, char message[64]) {
    png_image image;
    prepare(&image);
    if (!png_image_begin_read_from_memory(&image, bytes, count)) return failed(&image, message);
    image.format = PNG_FORMAT_RGBA;
    if ((size_t)image.width * image.height * 4 != pixels_size) return failed(&image, message);
    if (!png_image_finish_read(&image, NULL, pixels, 0, NULL)) return failed(&image, message);
    return 1;
}

size_t cimages_png_encoded_bound(uint32_t width, uint32_t height) {
    png_image image;
    prepare(&image);
    image.width = width;
    image.height = height;
    image.format = PNG_FORMAT_RGBA;
    return PNG_IMAGE_PNG_SIZE_MAX(image);
}

size_t cimages_png_encode(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint8_t *bytes, size_t capacity,
    char message[64]) {
    png_image image;
    prepare(&image);
    image.width = width;
    image.height = height;
    image.format = PNG_FORMAT_RGBA;
    png_alloc_size_t count = capacity;
    if (!png_image_write_to_memory(&image, bytes, &count, 0, pixels, 0, NULL)) {
        return (size_t)failed(&image, message);
    }
    return count;
}
