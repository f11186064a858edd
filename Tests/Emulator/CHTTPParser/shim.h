#ifndef CHTTPPARSER_SHIM_H
#define CHTTPPARSER_SHIM_H

#include <http_parser.h>

/* The error is a bit field, which Swift does not import. */
static inline unsigned int chttp_error(const http_parser *parser) { return HTTP_PARSER_ERRNO(parser); }

#endif
