// Sixteen lanes, with AVX-512F and BW.

#include "kernels.h"

#ifdef ZHENG_X86
#include <immintrin.h>

#define LANES 16
#define TARGET __attribute__((target("avx512f,avx512bw")))
#define NODES zheng_avx512_nodes
#define BLOCKS zheng_avx512_blocks

// Any function of three bits is one instruction; the constant is its table.
#define TERNARY(a, b, c, table) \
  ((word)_mm512_ternarylogic_epi32((__m512i)(a), (__m512i)(b), (__m512i)(c), table))
#define XOR3(a, b, c) TERNARY(a, b, c, 0x96)
#define CHOICE(a, b, c) TERNARY(a, b, c, 0xca)
#define MAJORITY(a, b, c) TERNARY(a, b, c, 0xe8)
#define ROTATED(x, n) ((word)_mm512_ror_epi32((__m512i)(x), n))
// The compiler keeps volatile `asm` in order, and with it what the next one takes.
#define PINNED(x) __asm__ volatile("" : "+v"(x))
#include "vector.h"

/// Writes block `b` of each message to `made`, where that is not 64 bytes of the message for all of them: `b` is one of the last
/// two. What a mask leaves out is not read, wherever it lies.
INLINE void makeEnds(int prefix, const ZhengSHA256Message *messages, const uint32_t *numbers, size_t b, bool isLast,
                     __m512i *made) {
  size_t lead = prefix >= 0, known = SIZE_MAX;
  __mmask64 mask = 0;
  __m512i padding = _mm512_setzero_si512();
  for (int l = 0; l < LANES; l++) {
    const ZhengSHA256Message *message = &messages[numbers[l]];
    size_t count = message->count + lead;
    // Messages of a ledger often have the same length.
    if (count != known) {
      known = count;
      size_t here = count > 64 * b ? count - 64 * b : 0;
      mask = here < 64 ? ((uint64_t)1 << here) - 1 : ~(uint64_t)0;
      padding = _mm512_maskz_set1_epi8(here < 64 && count >= 64 * b ? (uint64_t)1 << here : 0, (char)0x80);
      padding = _mm512_mask_set1_epi64(padding, isLast ? 0x80 : 0, (long long)__builtin_bswap64(8 * (uint64_t)count));
      if (b == 0 && lead == 1) {
        padding = _mm512_mask_set1_epi8(padding, 1, (char)prefix);
        mask &= ~(uint64_t)1;
      }
    }
    made[l] = _mm512_mask_loadu_epi8(padding, mask, (const void *)((uintptr_t)message->start - lead + 64 * b));
  }
}

/// As `load` does, from rows whose first byte is `prefix` wherever they lie, unless that is -1.
INLINE void loadFirst(const uint8_t *const *rows, size_t offset, int prefix, word *w) {
  __mmask64 mask = ~(uint64_t)(prefix >= 0);
  __m512i first = _mm512_set1_epi8((char)prefix);
#pragma clang loop unroll(full)
  for (int l = 0; l < LANES; l++) {
    w[l] = swapped((word)_mm512_mask_loadu_epi8(first, mask, rows[l] + offset));
  }
#pragma clang loop unroll(full)
  for (int q = 0; q < 4; q++) transposeQuarter(w, q);
}

/// See `zheng_group`.
TARGET void zheng_avx512_group(int prefix, const ZhengSHA256Message *messages, const uint32_t *numbers, size_t blocks,
                               uint64_t *digests) {
  // Blocks below `whole` lie in the messages, a byte earlier where there is a prefix, which does not lie there. The others, at
  // most two, have the end of a message or padding, and are made here.
  __m512i ends[2][LANES];
  const uint8_t *bodies[LANES], *copies[LANES];
  size_t lead = prefix >= 0, whole = blocks;
  for (int l = 0; l < LANES; l++) {
    const ZhengSHA256Message *message = &messages[numbers[l]];
    size_t full = (message->count + lead) / 64;
    if (full < whole) whole = full;
    bodies[l] = (const uint8_t *)((uintptr_t)message->start - lead);
    copies[l] = (const uint8_t *)&ends[0][l];
  }
  for (size_t b = whole; b < blocks; b++) {
    makeEnds(prefix, messages, numbers, b, b + 1 == blocks, ends[b + 2 - blocks]);
  }
#define ROWS(b) ((b) < whole ? bodies : copies), ((b) < whole ? 64 * (b) : sizeof ends[0] * ((b) + 2 - blocks))
  word s[8], w[16];
  for (int i = 0; i < 8; i++) s[i] = SPLAT(zheng_sha256_start[i]);
  loadFirst(ROWS(0), whole > 0 ? prefix : -1, w);
  for (size_t b = 0; b < blocks; b++) {
    size_t next = b + 1 < blocks ? b + 1 : b;
    compress(s, w, ROWS(next));
  }
  uint64_t made[4 * LANES];
  store(s, made);
  for (int l = 0; l < LANES; l++) __builtin_memcpy(digests + 4 * (size_t)numbers[l], made + 4 * l, 32);
}
#endif
