#ifndef ZHENG_CSHA256LANES_H
#define ZHENG_CSHA256LANES_H

// SHA-256 (FIPS 180-4) of many independent messages at once, one in each lane of a vector.
//
// A digest is four 64-bit numbers in the machine's byte order, each of eight bytes of the digest read as big-endian.
// Nothing here allocates, and nothing is kept between calls: any number of threads may call at once.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The most lanes that a kernel has.
#define ZHENG_SHA256_MOST_LANES 16

/// One way to hash: an instruction set, and how many messages go side by side.
typedef struct {
  /// Unique and stable, such as "avx512-16".
  const char *name;
  /// How many messages it hashes at once.
  size_t lanes;
  /// Whether this machine can run it.
  bool isSupported;
  /// Whether it is faster than libcrypto on this machine, as far as its instruction sets tell.
  bool isWorthwhile;
} ZhengSHA256Kernel;

/// How many kernels there are, supported or not. They are numbered from 0, those with the most lanes first.
size_t zheng_sha256_kernel_count(void);

/// Kernel `number`, which is below the count.
ZhengSHA256Kernel zheng_sha256_kernel(size_t number);

/// Writes the SHA-256 of prefix || left || right (RFC 6962 §2.1, where the prefix is 0x01) for each of `count` pairs of digests.
///
/// `pairs` has 2 `count` digests, and `nodes` room for `count`; they may begin at the same place, otherwise they do not
/// overlap. The kernel is supported. A last run of fewer pairs than lanes takes as long as a full one.
void zheng_sha256_nodes(size_t kernel, uint8_t prefix, const uint64_t *pairs, size_t count, uint64_t *nodes);

/// A message: the byte of the call, if it has one, and `count` bytes from `start` on.
typedef struct {
  const uint8_t *start;
  size_t count;
} ZhengSHA256Message;

/// Writes the SHA-256 of each of `count` messages to `digests`, which has four numbers for each, in their order.
///
/// Lanes take a message when they are done with one; where no message is left and at most `few` lanes are busy,
/// kernel `narrow` finishes those; where it is `wide` itself, `few` has no meaning. `few` is less than the lanes of
/// `wide`, `order` has room for `count` numbers, `count` is below 2^32, and both kernels are supported.
///
/// `prefix` is the byte that stands before each message, or -1 for none.
void zheng_sha256_messages(size_t wide, size_t narrow, size_t few, int prefix, const ZhengSHA256Message *messages,
                           size_t count, uint32_t *order, uint64_t *digests);

#endif
