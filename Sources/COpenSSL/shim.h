#ifndef ZHENG_COPENSSL_SHIM_H
#define ZHENG_COPENSSL_SHIM_H

// libcrypto 3.0 or later. What Swift cannot call (macros) is given a function here.
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

/// The bytes that a memory BIO holds; `BIO_get_mem_data` is a macro.
static inline long zheng_bio_memory(BIO *bio, char **bytes) {
  return BIO_get_mem_data(bio, bytes);
}

#endif
