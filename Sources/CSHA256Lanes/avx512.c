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

/// Makes `padding` that of messages of `count` bytes, at least one, whose last block has none of them.
static void makePadding(zheng_padding *padding, size_t count) {
  if (padding->count == count) return;
  padding->count = count;
  // The mark stands here only if the block before is full (FIPS 180-4 §5.1.1).
  uint64_t bits = 8 * (uint64_t)count;
  uint32_t w[64] = {count % 64 == 0 ? 0x80000000 : 0};
  w[14] = (uint32_t)(bits >> 32), w[15] = (uint32_t)bits;
#define ROTATED32(x, n) ((x) >> (n) | (x) << (32 - (n)))
  for (int i = 16; i < 64; i++) {
    w[i] = w[i - 16] + w[i - 7];
    w[i] += ROTATED32(w[i - 15], 7) ^ ROTATED32(w[i - 15], 18) ^ w[i - 15] >> 3;
    w[i] += ROTATED32(w[i - 2], 17) ^ ROTATED32(w[i - 2], 19) ^ w[i - 2] >> 10;
  }
  for (int i = 0; i < 64; i++) padding->sums[i] = w[i] + zheng_sha256_k[i];
}

/// Adds to the state a block of padding, the same in all lanes.
INLINE void compressPadding(word *s, const zheng_padding *padding) {
  word a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
  // The sums have the words in them: the compiler leaves out zeros, and a third of the work, the schedule, is done.
  word w[16] = {0};
  const uint32_t *k = padding->sums;
#pragma clang loop unroll(disable)
  for (; k < padding->sums + 64; k += 16) ROUNDS16(0, NOTHING);
  s[0] += a, s[1] += b, s[2] += c, s[3] += d, s[4] += e, s[5] += f, s[6] += g, s[7] += h;
}

/// See `zheng_group`.
TARGET void zheng_avx512_group(int prefix, const ZhengSHA256Message *messages, const uint32_t *numbers, size_t blocks,
                               zheng_padding *padding, uint64_t *digests) {
  // Blocks below `whole` lie in the messages, a byte earlier where there is a prefix, which does not lie there. The others, at
  // most two, have the end of a message or padding, and are made here; but not a last one that is the same padding for all.
  __m512i ends[2][LANES];
  const uint8_t *bodies[LANES], *copies[LANES];
  size_t lead = prefix >= 0, whole = blocks, count = messages[numbers[0]].count + lead;
  bool isPadded = blocks > 1 && count <= 64 * (blocks - 1);
  for (int l = 0; l < LANES; l++) {
    const ZhengSHA256Message *message = &messages[numbers[l]];
    size_t full = (message->count + lead) / 64;
    if (full < whole) whole = full;
    isPadded = isPadded && message->count + lead == count;
    bodies[l] = (const uint8_t *)((uintptr_t)message->start - lead);
    copies[l] = (const uint8_t *)&ends[0][l];
  }
  size_t read = isPadded ? blocks - 1 : blocks;
  for (size_t b = whole; b < read; b++) {
    makeEnds(prefix, messages, numbers, b, b + 1 == blocks, ends[b + 2 - blocks]);
  }
#define ROWS(b) ((b) < whole ? bodies : copies), ((b) < whole ? 64 * (b) : sizeof ends[0] * ((b) + 2 - blocks))
  word s[8], w[16];
  for (int i = 0; i < 8; i++) s[i] = SPLAT(zheng_sha256_start[i]);
  loadFirst(ROWS(0), whole > 0 ? prefix : -1, w);
  for (size_t b = 1; b < read; b++) compress(s, w, ROWS(b));
  compress(s, w, NULL, 0);
  if (isPadded) {
    makePadding(padding, count);
    compressPadding(s, padding);
  }
  store(s, digests, numbers);
}
#endif
