#ifndef ZHENG_COPENSSL_SHIM_H
#define ZHENG_COPENSSL_SHIM_H

// libcrypto 3.0 or later. What Swift cannot call (macros) is given a function here.

// For the tables of known keys: nothing newer multiplies by a precomputed point.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

/// The bytes that a memory BIO holds; `BIO_get_mem_data` is a macro.
static inline long zheng_bio_memory(BIO *bio, char **bytes) {
  return BIO_get_mem_data(bio, bytes);
}

/// Makes a table of the multiples of the generator of `group`; 1 where there is one afterwards.
static inline int zheng_precompute(EC_GROUP *group, BN_CTX *context) {
#ifdef OPENSSL_NO_DEPRECATED_3_0
  return 0;
#else
  return EC_GROUP_precompute_mult(group, context) == 1 && EC_GROUP_have_precompute_mult(group) == 1;
#endif
}

/// X and Z of a point whose affine x is X / Z²; 1 where that was done. `EC_POINT_get_affine_coordinates` would
/// invert Z for each point.
static inline int zheng_projective(const EC_GROUP *group, const EC_POINT *point, BIGNUM *x, BIGNUM *z,
                                   BN_CTX *context) {
#ifdef OPENSSL_NO_DEPRECATED_3_0
  return 0;
#else
  return EC_POINT_get_Jprojective_coordinates_GFp(group, point, x, NULL, z, context);
#endif
}

#endif
