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
#include "vector.h"
#endif
