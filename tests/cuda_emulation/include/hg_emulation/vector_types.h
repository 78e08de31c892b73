/* CUDA's built-in vector types, with its alignments: a kernel that reads a float4 from an address that is no multiple
 * of 16 is wrong on the device, and is reported here (README.md: alignment). Usable from C. */
#ifndef HG_EMULATION_VECTOR_TYPES_H
#define HG_EMULATION_VECTOR_TYPES_H

#define HG_EMULATION_VECTORS(name, element)                                                                            \
    struct name##1                                                                                                     \
    {                                                                                                                  \
        element x;                                                                                                     \
    };                                                                                                                 \
    struct __attribute__((aligned(2 * sizeof(element)))) name##2                                                       \
    {                                                                                                                  \
        element x, y;                                                                                                  \
    };                                                                                                                 \
    struct name##3                                                                                                     \
    {                                                                                                                  \
        element x, y, z;                                                                                               \
    };                                                                                                                 \
    struct __attribute__((aligned(4 * sizeof(element) < 16 ? 4 * sizeof(element) : 16))) name##4                       \
    {                                                                                                                  \
        element x, y, z, w;                                                                                            \
    };                                                                                                                 \
    typedef struct name##1 name##1;                                                                                    \
    typedef struct name##2 name##2;                                                                                    \
    typedef struct name##3 name##3;                                                                                    \
    typedef struct name##4 name##4;                                                                                    \
    static inline name##2 make_##name##2(element x, element y)                                                         \
    {                                                                                                                  \
        const name##2 v = {x, y};                                                                                      \
        return v;                                                                                                      \
    }                                                                                                                  \
    static inline name##3 make_##name##3(element x, element y, element z)                                              \
    {                                                                                                                  \
        const name##3 v = {x, y, z};                                                                                   \
        return v;                                                                                                      \
    }                                                                                                                  \
    static inline name##4 make_##name##4(element x, element y, element z, element w)                                   \
    {                                                                                                                  \
        const name##4 v = {x, y, z, w};                                                                                \
        return v;                                                                                                      \
    }

HG_EMULATION_VECTORS(char, signed char)
HG_EMULATION_VECTORS(uchar, unsigned char)
HG_EMULATION_VECTORS(short, short)
HG_EMULATION_VECTORS(ushort, unsigned short)
HG_EMULATION_VECTORS(int, int)
HG_EMULATION_VECTORS(uint, unsigned int)
HG_EMULATION_VECTORS(long, long)
HG_EMULATION_VECTORS(ulong, unsigned long)
HG_EMULATION_VECTORS(longlong, long long)
HG_EMULATION_VECTORS(ulonglong, unsigned long long)
HG_EMULATION_VECTORS(float, float)
HG_EMULATION_VECTORS(double, double)
#undef HG_EMULATION_VECTORS

struct dim3 {
    unsigned int x, y, z;
#ifdef __cplusplus
    constexpr dim3(unsigned int x_ = 1, unsigned int y_ = 1, unsigned int z_ = 1) : x(x_), y(y_), z(z_)
    {
    }
    constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z)
    {
    }
#endif
};
typedef struct dim3 dim3;

#endif
