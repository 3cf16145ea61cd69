// Where the blocks of a group of messages lie, for a file that defines LANES and INLINE.

#include "kernels.h"

/// The blocks of LANES messages that have as many each: block 0 behind a prefix and the end with the padding are copied, and those
/// between are hashed where they lie.
typedef struct {
  /// Of so many blocks all bytes are in every message, or the prefix.
  size_t whole;
  const uint8_t *firsts[LANES], *bodies[LANES], *ends[LANES];
  _Alignas(64) uint8_t first[LANES][64];
  uint8_t end[LANES][128];
} gathered;

/// Block `b` of each message, for functions that take rows and an offset.
#define ROWS(g, b)                                                                                      \
  ((b) >= (g).whole ? (g).ends : (b) == 0 ? (g).firsts : (g).bodies),                                   \
      ((b) >= (g).whole ? 64 * ((b) - (g).whole) : 64 * (b))

/// See `zheng_group` for what is given.
INLINE void gather(gathered *g, int prefix, const ZhengSHA256Message *messages, const uint32_t *numbers, size_t blocks) {
  size_t lead = prefix >= 0;
  g->whole = blocks - 1;
  for (int l = 0; l < LANES; l++) {
    if (messages[numbers[l]].count + lead < 64 * (blocks - 1)) g->whole = blocks - 2;
  }
  size_t before = 64 * g->whole;
  for (int l = 0; l < LANES; l++) {
    const ZhengSHA256Message *message = &messages[numbers[l]];
    size_t count = message->count + lead;
    uint8_t *first = g->first[l], *end = g->end[l];
    g->firsts[l] = lead == 1 ? first : message->start;
    g->bodies[l] = (const uint8_t *)((uintptr_t)message->start - lead);
    g->ends[l] = end;
    __builtin_memset(end, 0, 128);
    if (before > 0) {
      if (lead == 1) {
        first[0] = (uint8_t)prefix;
        __builtin_memcpy(first + 1, message->start, 63);
      }
      if (count > before) __builtin_memcpy(end, message->start + (before - lead), count - before);
    } else {
      end[0] = (uint8_t)prefix;
      if (message->count > 0) __builtin_memcpy(end + lead, message->start, message->count);
    }
    end[count - before] = 0x80;
    uint64_t bits = __builtin_bswap64(8 * (uint64_t)count);
    __builtin_memcpy(end + 64 * blocks - before - 8, &bits, 8);
  }
}
