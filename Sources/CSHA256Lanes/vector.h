// SHA-256 in the lanes of one vector, for a file that defines
//
//   LANES           4, 8 or 16
//   TARGET          the attribute that lets the compiler use the instruction set
//   NODES, BLOCKS   the names of its two functions
//
// and may define XOR3, CHOICE, MAJORITY and ROTATED where there are instructions that the compiler does not find by itself.

#include "kernels.h"

typedef uint32_t quad __attribute__((vector_size(16)));
typedef uint32_t quadAnywhere __attribute__((vector_size(16), aligned(1)));
typedef uint32_t word __attribute__((vector_size(4 * LANES)));
typedef uint8_t wordBytes __attribute__((vector_size(4 * LANES)));

#define INLINE static inline __attribute__((always_inline)) TARGET

#define SPLAT(x) ((word){0} + (uint32_t)(x))
#ifndef ROTATED
#define ROTATED(x, n) ((x) >> (n) | (x) << (32 - (n)))
#endif
#ifndef XOR3
#define XOR3(a, b, c) ((a) ^ (b) ^ (c))
#define CHOICE(a, b, c) ((((b) ^ (c)) & (a)) ^ (c))
#define MAJORITY(a, b, c) ((((a) ^ (b)) & ((b) ^ (c))) ^ (b))
#endif

#define SIGMA0(x) XOR3(ROTATED(x, 7), ROTATED(x, 18), (x) >> 3)
#define SIGMA1(x) XOR3(ROTATED(x, 17), ROTATED(x, 19), (x) >> 10)

// FIPS 180-4 §6.2.2, step 3; instead of moving the state on, the next round names it otherwise.
#define ROUND(a, b, c, d, e, f, g, h, kw)                                                               \
  do {                                                                                                  \
    word t = (h) + (kw) + CHOICE(e, f, g) + XOR3(ROTATED(e, 6), ROTATED(e, 11), ROTATED(e, 25));        \
    d += t;                                                                                             \
    h = t + MAJORITY(a, b, c) + XOR3(ROTATED(a, 2), ROTATED(a, 13), ROTATED(a, 22));                    \
  } while (0)

#define ROUNDS16(KW)                                                                                    \
  do {                                                                                                  \
    ROUND(a, b, c, d, e, f, g, h, KW(0));                                                               \
    ROUND(h, a, b, c, d, e, f, g, KW(1));                                                               \
    ROUND(g, h, a, b, c, d, e, f, KW(2));                                                               \
    ROUND(f, g, h, a, b, c, d, e, KW(3));                                                               \
    ROUND(e, f, g, h, a, b, c, d, KW(4));                                                               \
    ROUND(d, e, f, g, h, a, b, c, KW(5));                                                               \
    ROUND(c, d, e, f, g, h, a, b, KW(6));                                                               \
    ROUND(b, c, d, e, f, g, h, a, KW(7));                                                               \
    ROUND(a, b, c, d, e, f, g, h, KW(8));                                                               \
    ROUND(h, a, b, c, d, e, f, g, KW(9));                                                               \
    ROUND(g, h, a, b, c, d, e, f, KW(10));                                                              \
    ROUND(f, g, h, a, b, c, d, e, KW(11));                                                              \
    ROUND(e, f, g, h, a, b, c, d, KW(12));                                                              \
    ROUND(d, e, f, g, h, a, b, c, KW(13));                                                              \
    ROUND(c, d, e, f, g, h, a, b, KW(14));                                                              \
    ROUND(b, c, d, e, f, g, h, a, KW(15));                                                              \
  } while (0)

#define FIRST_KW(i) (w[i] + SPLAT(zheng_sha256_k[i]))
// The schedule, in place: w[i] of the last sixteen becomes that of the next.
#define NEXT_KW(i)                                                                                      \
  (w[i] += SIGMA0(w[((i) + 1) & 15]) + w[((i) + 9) & 15] + SIGMA1(w[((i) + 14) & 15]),                  \
   w[i] + SPLAT(k[i]))

// In all of these a list of lanes is that of one 128-bit part, repeated: the parts are never mixed, which costs most.
#define PART4(a, b, c, d) a, b, c, d
#define PART8(a, b, c, d) a, b, c, d, (a) + 4, (b) + 4, (c) + 4, (d) + 4
#define PART16(a, b, c, d) PART8(a, b, c, d), (a) + 8, (b) + 8, (c) + 8, (d) + 8, (a) + 12, (b) + 12, (c) + 12, (d) + 12
#if LANES == 4
#define PART PART4
#elif LANES == 8
#define PART PART8
#else
#define PART PART16
#endif

/// Transposes each 4 x 4 numbers of four vectors.
INLINE void transpose(word *v) {
  word ab = __builtin_shufflevector(v[0], v[1], PART(0, LANES, 1, LANES + 1));
  word cd = __builtin_shufflevector(v[2], v[3], PART(0, LANES, 1, LANES + 1));
  word AB = __builtin_shufflevector(v[0], v[1], PART(2, LANES + 2, 3, LANES + 3));
  word CD = __builtin_shufflevector(v[2], v[3], PART(2, LANES + 2, 3, LANES + 3));
  v[0] = __builtin_shufflevector(ab, cd, PART(0, 1, LANES, LANES + 1));
  v[1] = __builtin_shufflevector(ab, cd, PART(2, 3, LANES + 2, LANES + 3));
  v[2] = __builtin_shufflevector(AB, CD, PART(0, 1, LANES, LANES + 1));
  v[3] = __builtin_shufflevector(AB, CD, PART(2, 3, LANES + 2, LANES + 3));
}

/// The 16 bytes at `offset` of rows `row`, `row` + 4, and so on, side by side.
INLINE word gathered(const uint8_t *const *rows, int row, int offset) {
#define PIECE(n) (*(const quadAnywhere *)(rows[row + 4 * (n)] + offset))
#if LANES == 4
  return PIECE(0);
#else
  typedef uint32_t eight __attribute__((vector_size(32)));
  eight low = __builtin_shufflevector(PIECE(0), PIECE(1), 0, 1, 2, 3, 4, 5, 6, 7);
#if LANES == 8
  return low;
#else
  eight high = __builtin_shufflevector(PIECE(2), PIECE(3), 0, 1, 2, 3, 4, 5, 6, 7);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#endif
#endif
#undef PIECE
}

/// Brings number i of row l into lane l of `w[i]`, as the machine reads it.
INLINE void load(const uint8_t *const *rows, word *w) {
#pragma clang loop unroll(full)
  for (int q = 0; q < 4; q++) {
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++) w[4 * q + j] = gathered(rows, j, 16 * q);
    transpose(w + 4 * q);
  }
}

/// Writes the digests of all lanes.
INLINE void store(const word *s, uint64_t *digests) {
  // The halves of a 64-bit number stand the other way round in memory.
  word v[8] = {s[1], s[0], s[3], s[2], s[5], s[4], s[7], s[6]};
  transpose(v);
  transpose(v + 4);
  quad parts[8][LANES / 4];
  __builtin_memcpy(parts, v, sizeof parts);
#pragma clang loop unroll(full)
  for (int l = 0; l < LANES; l++) {
    *(quadAnywhere *)(digests + 4 * l) = parts[l & 3][l / 4];
    *(quadAnywhere *)(digests + 4 * l + 2) = parts[4 + (l & 3)][l / 4];
  }
}

/// The numbers with their bytes the other way round.
INLINE word swapped(word x) {
  wordBytes bytes = (wordBytes)x;
#define BYTES4(n) n + 3, n + 2, n + 1, n
#define BYTES16(n) BYTES4(n), BYTES4(n + 4), BYTES4(n + 8), BYTES4(n + 12)
#if LANES == 4
  return (word)__builtin_shufflevector(bytes, bytes, BYTES16(0));
#elif LANES == 8
  return (word)__builtin_shufflevector(bytes, bytes, BYTES16(0), BYTES16(16));
#else
  return (word)__builtin_shufflevector(bytes, bytes, BYTES16(0), BYTES16(16), BYTES16(32), BYTES16(48));
#endif
}

/// Adds a block to the state.
INLINE void compress(word *s, word *w) {
  word a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
  ROUNDS16(FIRST_KW);
  // Not unrolled: sixteen rounds fit the processor's cache of decoded instructions.
#pragma clang loop unroll(disable)
  for (const uint32_t *k = zheng_sha256_k + 16; k < zheng_sha256_k + 64; k += 16) ROUNDS16(NEXT_KW);
  s[0] += a;
  s[1] += b;
  s[2] += c;
  s[3] += d;
  s[4] += e;
  s[5] += f;
  s[6] += g;
  s[7] += h;
}

// The second block of a node is the last byte of the right digest, the mark, zeros, and the length: 520 bits. The schedule
// of zeros is folded away where the first sixteen words that come of it are written out.
INLINE void compressNodeEnd(word *s, word first) {
  word a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
  word w[16] = {first};
  for (int i = 1; i < 15; i++) w[i] = SPLAT(0);
  w[15] = SPLAT(520);
  ROUNDS16(FIRST_KW);
  {
    static const uint32_t *const k = zheng_sha256_k + 16;
    ROUNDS16(NEXT_KW);
  }
#pragma clang loop unroll(disable)
  for (const uint32_t *k = zheng_sha256_k + 32; k < zheng_sha256_k + 64; k += 16) ROUNDS16(NEXT_KW);
  s[0] += a;
  s[1] += b;
  s[2] += c;
  s[3] += d;
  s[4] += e;
  s[5] += f;
  s[6] += g;
  s[7] += h;
}

/// The nodes over LANES pairs of digests.
TARGET void NODES(const uint64_t *pairs, uint64_t *nodes) {
  const uint8_t *rows[LANES];
  for (int l = 0; l < LANES; l++) rows[l] = (const uint8_t *)(pairs + 8 * l);
  word r[16], w[16], s[8];
  load(rows, r);
  // In memory the halves of a 64-bit number stand the other way round; and all is moved on by a byte, for the prefix.
  w[0] = SPLAT(0x01000000) | r[1] >> 8;
#pragma clang loop unroll(full)
  for (int i = 1; i < 16; i++) w[i] = r[(i - 1) ^ 1] << 24 | r[i ^ 1] >> 8;
  word end = r[15 ^ 1] << 24 | SPLAT(0x00800000);
  for (int i = 0; i < 8; i++) s[i] = SPLAT(zheng_sha256_start[i]);
  compress(s, w);
  compressNodeEnd(s, end);
  store(s, nodes);
}

/// See `zheng_blocks`.
TARGET void BLOCKS(uint32_t *state, const uint8_t *const *next, const size_t *step, size_t count) {
  word *s = (word *)state;
  const uint8_t *rows[LANES];
  for (int l = 0; l < LANES; l++) rows[l] = next[l];
  word h[8];
  for (int i = 0; i < 8; i++) h[i] = s[i];
  for (; count > 0; count--) {
    word w[16];
    load(rows, w);
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i++) w[i] = swapped(w[i]);
    for (int l = 0; l < LANES; l++) rows[l] += step[l];
    compress(h, w);
  }
  for (int i = 0; i < 8; i++) s[i] = h[i];
}
