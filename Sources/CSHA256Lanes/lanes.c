#include "include/CSHA256Lanes.h"

#include "kernels.h"

#if defined(__linux__) && defined(__aarch64__)
#include <sys/auxv.h>
#endif

// MARK: Kernels

typedef struct {
  const char *name;
  size_t lanes;
  zheng_nodes nodes;
  zheng_blocks blocks;
  zheng_group group;
} kernel;

#ifdef ZHENG_LITTLE_ENDIAN
static const kernel kernels[] = {
#ifdef ZHENG_X86
    {"avx512-16", 16, zheng_avx512_nodes, zheng_avx512_blocks, zheng_avx512_group},
    {"avx2-8", 8, zheng_avx2_nodes, zheng_avx2_blocks, zheng_avx2_group},
    {"sse2-4", 4, zheng_base_nodes, zheng_base_blocks, zheng_base_group},
    {"sha-ni-2", 2, zheng_shani_nodes, zheng_shani_blocks, zheng_shani_group},
#elif defined(__aarch64__)
    {"neon-4", 4, zheng_base_nodes, zheng_base_blocks, zheng_base_group},
#else
    {"vector-4", 4, zheng_base_nodes, zheng_base_blocks, zheng_base_group},
#endif
};
static const size_t kernelCount = sizeof kernels / sizeof kernels[0];
#else
static const kernel kernels[1];
static const size_t kernelCount = 0;
#endif

#ifdef ZHENG_X86
#include <cpuid.h>

/// Whether the processor has the SHA extensions and the SSE that the kernel uses beside them; older compilers do not know "sha" as a
/// feature to ask for.
static bool hasSHA(void) {
  unsigned a, b, c, d;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1) && __builtin_cpu_supports("sse4.1") &&
         __builtin_cpu_supports("ssse3");
}

static bool isSupported(size_t number) {
  __builtin_cpu_init();
  switch (kernels[number].lanes) {
  case 16: return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
  case 8: return __builtin_cpu_supports("avx2");
  case 2: return hasSHA();
  default: return true;
  }
}

// Where the processor has instructions for SHA-256, 16 lanes and two at a time are faster than libcrypto with them, and others
// slower.
static bool isWorthwhile(size_t number) {
  return kernels[number].lanes == 16 || kernels[number].lanes == 2 || !hasSHA();
}
#else
static bool isSupported(size_t number) {
  (void)number;
  return true;
}

static bool isWorthwhile(size_t number) {
  (void)number;
#if defined(__aarch64__) && defined(__linux__)
  // HWCAP_SHA2: one stream of libcrypto's then beats four lanes.
  return !(getauxval(AT_HWCAP) >> 6 & 1);
#elif defined(__aarch64__)
  return false;
#else
  return true;
#endif
}
#endif

size_t zheng_sha256_kernel_count(void) { return kernelCount; }

ZhengSHA256Kernel zheng_sha256_kernel(size_t number) {
  const kernel *k = &kernels[number];
  bool supported = isSupported(number);
  return (ZhengSHA256Kernel){k->name, k->lanes, supported, supported && isWorthwhile(number)};
}

// MARK: Nodes

void zheng_sha256_nodes(size_t number, uint8_t prefix, const uint64_t *pairs, size_t count, uint64_t *nodes) {
  const kernel *k = &kernels[number];
  for (; count >= k->lanes; count -= k->lanes) {
    // A kernel reads all its pairs before it writes, and writes no further than it has read.
    k->nodes(prefix, pairs, nodes);
    pairs += 8 * k->lanes;
    nodes += 4 * k->lanes;
  }
  if (count == 0) return;
  uint64_t padded[8 * ZHENG_SHA256_MOST_LANES] = {0}, made[4 * ZHENG_SHA256_MOST_LANES];
  __builtin_memcpy(padded, pairs, 64 * count);
  k->nodes(prefix, padded, made);
  __builtin_memcpy(nodes, made, 32 * count);
}

// MARK: Messages

/// A message of at most so many blocks is copied into one run.
#define COPIED_BLOCKS 8

/// What one lane is busy with. A message is up to three runs of blocks: one that begins with the prefix, those that lie in the
/// message as they are hashed, and one that ends with the padding, or is all there is.
typedef struct {
  const uint8_t *body;
  size_t bodyBlocks;
  size_t endBlocks;
  /// Of the runs: 0 the first, 1 the body, 2 the end, 3 none.
  unsigned run;
  uint64_t *digest;
  uint8_t first[64];
  uint8_t end[64 * COPIED_BLOCKS];
} lane;

typedef struct {
  const kernel *k;
  /// Where each lane's next block lies, and how many are left of the run.
  const uint8_t *next[ZHENG_SHA256_MOST_LANES];
  size_t left[ZHENG_SHA256_MOST_LANES];
  /// What it is busy with, or NULL: one of `own`, or another engine's.
  lane *lanes[ZHENG_SHA256_MOST_LANES];
  lane own[ZHENG_SHA256_MOST_LANES];
  _Alignas(64) uint32_t state[8 * ZHENG_SHA256_MOST_LANES];
} engine;

/// More blocks than any message has.
static const size_t forever = SIZE_MAX;

static void rest(engine *e, size_t l) {
  e->lanes[l] = NULL;
  e->left[l] = forever;
}

/// Begins the run that lane `l` has come to.
static void beginRun(engine *e, size_t l) {
  const lane *at = e->lanes[l];
  e->next[l] = at->run == 0 ? at->first : at->run == 1 ? at->body : at->end;
  e->left[l] = at->run == 0 ? 1 : at->run == 1 ? at->bodyBlocks : at->endBlocks;
}

/// Goes on with the next run of lane `l`. False where the message is hashed.
static bool goOn(engine *e, size_t l) {
  if (++e->lanes[l]->run == 3) return false;
  beginRun(e, l);
  return true;
}

static void start(engine *e, size_t l, lane *at, int prefix, const ZhengSHA256Message *message, uint64_t *digest) {
  const uint8_t *bytes = message->start;
  size_t count = message->count, lead = prefix >= 0 ? 1 : 0, used = 0;
  e->lanes[l] = at;
  at->digest = digest;
  at->run = 1;
  for (size_t i = 0; i < 8; i++) e->state[i * e->k->lanes + l] = zheng_sha256_start[i];
  if (lead + count + 9 > sizeof at->end) {
    if (lead == 1) {
      // The prefix moves all by a byte, so that the first block does not lie in the message as it is hashed.
      at->run = 0;
      at->first[0] = (uint8_t)prefix;
      __builtin_memcpy(at->first + 1, bytes, 63);
      bytes += 63;
      count -= 63;
    }
    at->body = bytes;
    at->bodyBlocks = count / 64;
    bytes += count & ~(size_t)63;
    count &= 63;
  } else {
    at->run = 2;
    if (lead == 1) at->end[used++] = (uint8_t)prefix;
  }
  if (count > 0) __builtin_memcpy(at->end + used, bytes, count);
  used += count;
  at->endBlocks = (used + 9 + 63) / 64;
  at->end[used++] = 0x80;
  __builtin_memset(at->end + used, 0, 64 * at->endBlocks - used);
  uint64_t bits = __builtin_bswap64((message->count + lead) * 8);
  __builtin_memcpy(at->end + 64 * at->endBlocks - 8, &bits, 8);
  beginRun(e, l);
}

static void finish(engine *e, size_t l) {
  const uint32_t *state = e->state + l;
  size_t lanes = e->k->lanes;
  for (size_t i = 0; i < 4; i++) {
    e->lanes[l]->digest[i] = (uint64_t)state[2 * i * lanes] << 32 | state[(2 * i + 1) * lanes];
  }
}

/// Hashes until the first run of a lane ends. There is one.
static void hash(engine *e) {
  size_t lanes = e->k->lanes, count = forever, shortest = 0;
  for (size_t l = 0; l < lanes; l++) {
    if (e->left[l] < count) count = e->left[l], shortest = l;
  }
  // A lane without a message hashes along with another.
  for (size_t l = 0; l < lanes; l++) {
    if (e->lanes[l] == NULL) e->next[l] = e->next[shortest];
  }
  e->k->blocks(e->state, e->next, count);
  for (size_t l = 0; l < lanes; l++) {
    if (e->lanes[l] == NULL) continue;
    e->next[l] += 64 * count;
    e->left[l] -= count;
  }
}

/// What lanes take when they are free: messages, or what the lanes of another engine have begun.
typedef struct {
  const ZhengSHA256Message *messages;
  const uint32_t *order;
  size_t count;
  int prefix;
  uint64_t *digests;
  const engine *begun;
  /// How many of either were taken.
  size_t taken;
} source;

/// Gives lane `l`, which is free, something to do; false where nothing is left.
static bool take(engine *e, size_t l, source *from) {
  if (from->begun == NULL) {
    if (from->taken == from->count) return false;
    uint32_t at = from->order[from->taken++];
    start(e, l, &e->own[l], from->prefix, &from->messages[at], from->digests + 4 * (size_t)at);
    return true;
  }
  const engine *other = from->begun;
  size_t lanes = other->k->lanes;
  while (from->taken < lanes && other->lanes[from->taken] == NULL) from->taken++;
  if (from->taken == lanes) return false;
  size_t i = from->taken++;
  e->lanes[l] = other->lanes[i];
  e->next[l] = other->next[i];
  e->left[l] = other->left[i];
  for (size_t w = 0; w < 8; w++) e->state[w * e->k->lanes + l] = other->state[w * lanes + i];
  return true;
}

/// Hashes what `from` gives until that is done, or, where nothing is left to take, until at most `few` lanes are busy; there are
/// more than `few`, and lanes rest only when nothing is left.
static void drive(engine *e, source *from, size_t few) {
  size_t lanes = e->k->lanes, busy = 0;
  __builtin_memset(e->state, 0, sizeof e->state);
  for (size_t l = 0; l < lanes; l++) rest(e, l);
  for (size_t l = 0; l < lanes && take(e, l, from); l++) busy++;
  while (busy > few) {
    hash(e);
    for (size_t l = 0; l < lanes; l++) {
      if (e->left[l] > 0 || goOn(e, l)) continue;
      finish(e, l);
      if (!take(e, l, from)) {
        rest(e, l);
        busy--;
      }
    }
  }
}

/// Of messages with at least so many blocks the number does not matter: beside them all else takes no time.
#define MANY_BLOCKS 255

/// How many blocks a message has with its prefix and the padding, at most MANY_BLOCKS.
static size_t blockCount(const ZhengSHA256Message *message, int prefix) {
  size_t count = message->count + (prefix >= 0);
  return count < 64 * (MANY_BLOCKS - 1) - 8 ? (count + 8) / 64 + 1 : MANY_BLOCKS;
}

/// The numbers of the messages, long ones first: so lanes end their messages together, and at the end all do.
static void sort(int prefix, const ZhengSHA256Message *messages, size_t count, uint32_t *order) {
  // Often they are sorted: of one length.
  size_t sorted = 0;
  for (size_t last = MANY_BLOCKS; sorted < count; sorted++) {
    size_t blocks = blockCount(&messages[sorted], prefix);
    if (blocks > last) break;
    last = blocks;
    order[sorted] = (uint32_t)sorted;
  }
  if (sorted == count) return;
  uint32_t places[MANY_BLOCKS + 1] = {0};
  for (size_t i = 0; i < count; i++) places[blockCount(&messages[i], prefix)]++;
  uint32_t place = 0;
  for (size_t blocks = MANY_BLOCKS + 1; blocks-- > 0;) {
    uint32_t here = places[blocks];
    places[blocks] = place;
    place += here;
  }
  for (size_t i = 0; i < count; i++) order[places[blockCount(&messages[i], prefix)]++] = (uint32_t)i;
}

/// Hashes of the messages in `order`, which is sorted, those that fill all lanes with messages of the same number of blocks. Gives
/// how many others there are; `order` begins with those.
static size_t hashGroups(const kernel *k, int prefix, const ZhengSHA256Message *messages, size_t count, uint32_t *order,
                         uint64_t *digests) {
  zheng_padding padding;
  padding.count = 0;
  size_t others = 0;
  for (size_t i = 0; i < count;) {
    size_t blocks = blockCount(&messages[order[i]], prefix);
    if (blocks < MANY_BLOCKS && count - i >= k->lanes &&
        blockCount(&messages[order[i + k->lanes - 1]], prefix) == blocks) {
      k->group(prefix, messages, order + i, blocks, &padding, digests);
      i += k->lanes;
    } else {
      order[others++] = order[i++];
    }
  }
  return others;
}

void zheng_sha256_messages(size_t wide, size_t narrow, size_t few, int prefix, const ZhengSHA256Message *messages,
                           size_t count, uint32_t *order, uint64_t *digests) {
  sort(prefix, messages, count, order);
  size_t others = hashGroups(&kernels[wide], prefix, messages, count, order, digests);
  if (others == 0) return;
  source from = {messages, order, others, prefix, digests, NULL, 0};
  engine first;
  first.k = &kernels[wide];
  drive(&first, &from, wide == narrow ? 0 : few);
  if (wide == narrow) return;
  engine second;
  second.k = &kernels[narrow];
  source begun = {NULL, NULL, 0, prefix, NULL, &first, 0};
  drive(&second, &begun, 0);
}
