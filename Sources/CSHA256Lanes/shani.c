// Two messages at a time with the SHA extensions of x86: each waits four cycles for its own last round, so that a second one
// costs little more.

#include "kernels.h"

#ifdef ZHENG_X86
#include <immintrin.h>

#define LANES 2
#define TARGET __attribute__((target("sha,sse4.1,ssse3")))
#define INLINE static inline __attribute__((always_inline)) TARGET
#include "group.h"

/// A state as the instructions want it.
typedef struct {
  __m128i abef;
  __m128i cdgh;
} state;

/// Rounds 4 i to 4 i + 3 of one message, and its schedule four words on.
INLINE void rounds(state *s, __m128i *w, int i) {
  __m128i kw = _mm_add_epi32(w[i & 3], *(const __m128i *)(zheng_sha256_k + 4 * i));
  s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, kw);
  if (i >= 3 && i < 15) {
    __m128i *next = &w[(i + 1) & 3];
    *next = _mm_add_epi32(*next, _mm_alignr_epi8(w[i & 3], w[(i + 3) & 3], 4));
    *next = _mm_sha256msg2_epu32(*next, w[i & 3]);
  }
  s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(kw, 0x0e));
  if (i >= 1 && i < 13) w[(i + 3) & 3] = _mm_sha256msg1_epu32(w[(i + 3) & 3], w[i & 3]);
}

/// Adds a block to each of two states.
INLINE void compress(state *s, __m128i *left, __m128i *right) {
  state before[2] = {s[0], s[1]};
#define BOTH(i) rounds(&s[0], left, i), rounds(&s[1], right, i)
  BOTH(0), BOTH(1), BOTH(2), BOTH(3), BOTH(4), BOTH(5), BOTH(6), BOTH(7);
  BOTH(8), BOTH(9), BOTH(10), BOTH(11), BOTH(12), BOTH(13), BOTH(14), BOTH(15);
#undef BOTH
  for (int l = 0; l < 2; l++) {
    s[l].abef = _mm_add_epi32(s[l].abef, before[l].abef);
    s[l].cdgh = _mm_add_epi32(s[l].cdgh, before[l].cdgh);
  }
}

/// The words of a node's first block: `prefix` and all of `pair` but the last byte. Gives the first word of the second.
INLINE __m128i begin(uint8_t prefix, const uint64_t *pair, __m128i *w) {
  __m128i before = _mm_set_epi32(prefix, 0, 0, 0);
  for (int q = 0; q < 4; q++) {
    // In memory the halves of a 64-bit number stand the other way round.
    __m128i r = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(pair + 2 * q)), 0xb1);
    __m128i moved = _mm_alignr_epi8(r, before, 12);
    w[q] = _mm_or_si128(_mm_slli_epi32(moved, 24), _mm_srli_epi32(r, 8));
    before = r;
  }
  return _mm_or_si128(_mm_srli_si128(_mm_slli_epi32(before, 24), 12), _mm_set_epi32(0, 0, 0, 0x00800000));
}

/// The second block's: its first word, and the length of 520 bits.
INLINE void end(__m128i first, __m128i *w) {
  w[0] = first;
  w[1] = w[2] = _mm_setzero_si128();
  w[3] = _mm_set_epi32(520, 0, 0, 0);
}

INLINE state start(void) {
  const uint32_t *h = zheng_sha256_start;
  return (state){_mm_set_epi32((int)h[0], (int)h[1], (int)h[4], (int)h[5]),
                 _mm_set_epi32((int)h[2], (int)h[3], (int)h[6], (int)h[7])};
}

/// Writes the digests of both.
INLINE void store(const state *s, uint64_t *left, uint64_t *right) {
  for (int l = 0; l < 2; l++) {
    uint64_t *digest = l == 0 ? left : right;
    _mm_storeu_si128((__m128i *)digest, _mm_unpackhi_epi64(s[l].abef, s[l].cdgh));
    _mm_storeu_si128((__m128i *)(digest + 2), _mm_unpacklo_epi64(s[l].abef, s[l].cdgh));
  }
}

/// The nodes over two pairs of digests, each behind `prefix`.
TARGET void zheng_shani_nodes(uint8_t prefix, const uint64_t *pairs, uint64_t *nodes) {
  state s[2] = {start(), start()};
  __m128i left[4], right[4];
  __m128i leftEnd = begin(prefix, pairs, left), rightEnd = begin(prefix, pairs + 8, right);
  compress(s, left, right);
  end(leftEnd, left);
  end(rightEnd, right);
  compress(s, left, right);
  store(s, nodes, nodes + 4);
}

/// The words of the block at `offset` of both rows.
INLINE void load(const uint8_t *const *rows, size_t offset, __m128i *left, __m128i *right) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  for (int q = 0; q < 4; q++) {
    left[q] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(rows[0] + offset + 16 * q)), swap);
    right[q] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(rows[1] + offset + 16 * q)), swap);
  }
}

/// See `zheng_blocks`.
TARGET void zheng_shani_blocks(uint32_t *words, const uint8_t *const *next, size_t count) {
  state s[2];
  for (int l = 0; l < 2; l++) {
    const uint32_t *h = words + l;
    s[l].abef = _mm_set_epi32((int)h[0], (int)h[2], (int)h[8], (int)h[10]);
    s[l].cdgh = _mm_set_epi32((int)h[4], (int)h[6], (int)h[12], (int)h[14]);
  }
  for (size_t b = 0; b < count; b++) {
    __m128i left[4], right[4];
    load(next, 64 * b, left, right);
    compress(s, left, right);
  }
  for (int l = 0; l < 2; l++) {
    uint32_t abef[4], cdgh[4];
    _mm_storeu_si128((__m128i *)abef, s[l].abef);
    _mm_storeu_si128((__m128i *)cdgh, s[l].cdgh);
    uint32_t *h = words + l;
    h[0] = abef[3], h[2] = abef[2], h[8] = abef[1], h[10] = abef[0];
    h[4] = cdgh[3], h[6] = cdgh[2], h[12] = cdgh[1], h[14] = cdgh[0];
  }
}

/// See `zheng_group`.
TARGET void zheng_shani_group(int prefix, const ZhengSHA256Message *messages, const uint32_t *numbers, size_t blocks,
                              zheng_padding *padding, uint64_t *digests) {
  (void)padding;
  gathered g;
  gather(&g, prefix, messages, numbers, blocks);
  state s[2] = {start(), start()};
  for (size_t b = 0; b < blocks; b++) {
    __m128i left[4], right[4];
    load(ROWS(g, b), left, right);
    compress(s, left, right);
  }
  store(s, digests + 4 * (size_t)numbers[0], digests + 4 * (size_t)numbers[1]);
}
#endif
