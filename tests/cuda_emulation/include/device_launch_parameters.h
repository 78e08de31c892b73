/* threadIdx and its like come with cuda_runtime.h. */
#include "cuda_runtime.h"
