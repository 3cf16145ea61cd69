// What the kernels are made of, and how the rest calls them.

#ifndef ZHENG_KERNELS_H
#define ZHENG_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "include/CSHA256Lanes.h"

// Digests are read and written as words of the machine, and vectors are taken apart in its order.
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && defined(__clang__)
#define ZHENG_LITTLE_ENDIAN 1
#endif

#if defined(ZHENG_LITTLE_ENDIAN) && defined(__x86_64__)
#define ZHENG_X86 1
#endif

// FIPS 180-4 §4.2.2 and §5.3.3.
__attribute__((aligned(64))) static const uint32_t zheng_sha256_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const uint32_t zheng_sha256_start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                               0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/// The nodes over `lanes` pairs of digests, each behind `prefix`.
typedef void (*zheng_nodes)(uint8_t prefix, const uint64_t *pairs, uint64_t *nodes);

/// Adds `count` blocks, of which there is at least one, to each lane's state: word i of lane l is `state[i * lanes + l]`, and the
/// blocks lie one behind the other from `next[l]` on. The state is aligned to 64 bytes.
typedef void (*zheng_blocks)(uint32_t *state, const uint8_t *const *next, size_t count);

/// What the rounds of a last block add to the state that has nothing of its message but the padding. It depends only on the
/// length, so that messages of the same length share it.
typedef struct {
  /// The length in bytes, with the prefix; 0 where there is none yet: such a message has no block before the padding.
  size_t count;
  /// The words of the schedule, each plus the constant of its round (FIPS 180-4 §6.2.2, steps 1 and 3).
  uint32_t sums[64];
} zheng_padding;

/// Writes the digests of as many messages as there are lanes, which all have `blocks` blocks with the prefix (-1 for none) and the
/// padding: that of message `numbers[l]` to `digests + 4 * numbers[l]`. Keeps in `padding` what the next group may use again.
typedef void (*zheng_group)(int prefix, const ZhengSHA256Message *messages, const uint32_t *numbers, size_t blocks,
                            zheng_padding *padding, uint64_t *digests);

void zheng_avx512_nodes(uint8_t prefix, const uint64_t *pairs, uint64_t *nodes);
void zheng_avx512_blocks(uint32_t *state, const uint8_t *const *next, size_t count);
void zheng_avx512_group(int prefix, const ZhengSHA256Message *messages, const uint32_t *numbers, size_t blocks,
                        zheng_padding *padding, uint64_t *digests);
void zheng_avx2_nodes(uint8_t prefix, const uint64_t *pairs, uint64_t *nodes);
void zheng_avx2_blocks(uint32_t *state, const uint8_t *const *next, size_t count);
void zheng_avx2_group(int prefix, const ZhengSHA256Message *messages, const uint32_t *numbers, size_t blocks,
                      zheng_padding *padding, uint64_t *digests);
void zheng_base_nodes(uint8_t prefix, const uint64_t *pairs, uint64_t *nodes);
void zheng_base_blocks(uint32_t *state, const uint8_t *const *next, size_t count);
void zheng_base_group(int prefix, const ZhengSHA256Message *messages, const uint32_t *numbers, size_t blocks,
                      zheng_padding *padding, uint64_t *digests);
void zheng_shani_nodes(uint8_t prefix, const uint64_t *pairs, uint64_t *nodes);
void zheng_shani_blocks(uint32_t *state, const uint8_t *const *next, size_t count);
void zheng_shani_group(int prefix, const ZhengSHA256Message *messages, const uint32_t *numbers, size_t blocks,
                       zheng_padding *padding, uint64_t *digests);

#endif
