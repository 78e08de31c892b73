/* The sanitizers' own interfaces, or nothing. The emulation itself is never instrumented: it is the machine, and only
 * what runs on the machine is under test. */
#ifndef HG_EMULATION_SANITIZERS_H
#define HG_EMULATION_SANITIZERS_H

#include <cstddef>

#ifdef HG_EMULATION_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef HG_EMULATION_TSAN
#include <sanitizer/tsan_interface.h>
extern "C" void __tsan_read_range(void *address, unsigned long bytes);
extern "C" void __tsan_write_range(void *address, unsigned long bytes);
extern "C" void AnnotateIgnoreWritesBegin(const char *file, int line);
extern "C" void AnnotateIgnoreWritesEnd(const char *file, int line);
#endif

namespace hg_emulation::sanitizer
{
inline void poison([[maybe_unused]] const void *address, [[maybe_unused]] size_t bytes)
{
#ifdef HG_EMULATION_ASAN
    __asan_poison_memory_region(address, bytes);
#endif
}

inline void unpoison([[maybe_unused]] const void *address, [[maybe_unused]] size_t bytes)
{
#ifdef HG_EMULATION_ASAN
    __asan_unpoison_memory_region(address, bytes);
#endif
}

/* Happens-before: what came before publish(key) is seen by what follows observe(key). */
inline void publish([[maybe_unused]] void *key)
{
#ifdef HG_EMULATION_TSAN
    __tsan_release(key);
#endif
}

inline void observe([[maybe_unused]] void *key)
{
#ifdef HG_EMULATION_TSAN
    __tsan_acquire(key);
#endif
}

/* A thread as the race detector sees it. Work done in its name is ordered only by publish and observe. */
class Identity
{
  public:
    void *enter() /* gives who worked before, for leave */
    {
#ifdef HG_EMULATION_TSAN
        if (thread_ == nullptr)
            thread_ = __tsan_create_fiber(0);
        void *before = __tsan_get_current_fiber();
        __tsan_switch_to_fiber(thread_, __tsan_switch_to_fiber_no_sync);
        return before;
#else
        return nullptr;
#endif
    }
    static void leave([[maybe_unused]] void *before)
    {
#ifdef HG_EMULATION_TSAN
        __tsan_switch_to_fiber(before, __tsan_switch_to_fiber_no_sync);
#endif
    }
    template <class F> void act(F action)
    {
        void *before = enter();
        action();
        leave(before);
    }

#ifdef HG_EMULATION_TSAN
    ~Identity()
    {
        if (thread_ != nullptr)
            __tsan_destroy_fiber(thread_);
    }

  private:
    void *thread_ = nullptr;
#endif
};

/* For calls of the C library whose writes to this very stack the race detector would see: several identities work on
 * one stack, one after the other, unordered as the detector sees them. */
template <class F> auto unseen(F action)
{
#ifdef HG_EMULATION_TSAN
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
    const auto result = action();
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    return result;
#else
    return action();
#endif
}

/* What uninstrumented code here reads and writes in the name of the program: operands of copies and GEMMs. */
inline void reads([[maybe_unused]] const void *address, [[maybe_unused]] size_t bytes)
{
#ifdef HG_EMULATION_TSAN
    __tsan_read_range(const_cast<void *>(address), bytes);
#endif
}

inline void writes([[maybe_unused]] void *address, [[maybe_unused]] size_t bytes)
{
#ifdef HG_EMULATION_TSAN
    __tsan_write_range(address, bytes);
#endif
}
} // namespace hg_emulation::sanitizer
#endif
