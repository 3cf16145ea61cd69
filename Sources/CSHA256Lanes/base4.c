// Four lanes, with what every processor of the architecture has: SSE2, NEON.

#include "kernels.h"

#ifdef ZHENG_LITTLE_ENDIAN
#define LANES 4
#define TARGET
#define NODES zheng_base_nodes
#define BLOCKS zheng_base_blocks
#define GROUP zheng_base_group
#include "vector.h"
#endif
