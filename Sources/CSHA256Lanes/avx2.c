// Eight lanes, with AVX2.

#include "kernels.h"

#ifdef ZHENG_X86
#define LANES 8
#define TARGET __attribute__((target("avx2")))
#define NODES zheng_avx2_nodes
#define BLOCKS zheng_avx2_blocks
#define GROUP zheng_avx2_group
#include "vector.h"
#endif
