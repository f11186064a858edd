// Nothing to call: a program that links this target has the functions of CTLS.h from Mbed TLS instead of OpenSSL.
#ifndef CSMALLTLS_H
#define CSMALLTLS_H

#endif
