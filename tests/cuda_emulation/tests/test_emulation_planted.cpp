/* Runs a planted bug in a child process and looks at what it said: with the bug it must fail with the message of the
 * table, without it it must succeed in silence. usage: test_emulation_planted NAME|all. Without a name: lists them. */
#include <regex.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include "planted.h"

namespace
{
struct Bug {
    const char *name;
    int (*run)(bool planted);
    const char *message; /* an extended regular expression; the sanitizers' words beside the emulation's own */
};

#define BUG(name, message)                                                                                             \
    {                                                                                                                  \
#name, name, message                                                                                           \
    }
const Bug bugs[] = {
    BUG(missing_barrier, "computed from memory never written|was never written|data race"),
    BUG(exit_before_barrier, "divergent barrier: .* has exited"),
    BUG(two_barriers, "divergent barrier: thread .* arrives at .*planted_kernels.cu"),
    BUG(race, "the result changes from launch to launch|data race"),
    BUG(missing_lane, "warp exchange at .*: thread .* waits for lane 5"),
    BUG(shared_index, "out of bounds"),
    BUG(misaligned_vector, "misaligned"),
    BUG(too_many_threads, "cudaErrorInvalidConfiguration"),
    BUG(write_past_the_end, "write outside of device memory|use-after-poison"),
    BUG(read_past_the_end, "read outside of device memory: offset 4096|use-after-poison"),
    BUG(host_reads_device, "host read of device memory"),
    BUG(host_pointer_to_kernel, "parameter 1 is host memory"),
    BUG(uninitialised, "uninitialised device memory: offset 396 .* computed from memory never written"),
    BUG(use_after_free, "parameter 2 points to device memory that was freed"),
    BUG(graph_outlives_memory, "parameter 1 points to device memory that was freed"),
    BUG(leak, "leak: 64 bytes of device memory"),
    BUG(graph_destroyed_early, "cudaGraphExecDestroy: a launch of the graph is not done"),
    BUG(missing_event, "wrong result|data race"),
    BUG(buffer_reused, "wrong result|data race"),
    BUG(result_not_awaited, "wrong result|data race"),
    BUG(synchronise_in_capture, "cudaErrorStreamCaptureUnsupported"),
    BUG(allocate_in_capture, "cudaErrorStreamCaptureUnsupported"),
    BUG(unjoined_stream, "cudaErrorStreamCaptureUnjoined"),
    BUG(swapped_leading_dimension, "CUBLAS_STATUS_INVALID_VALUE"),
    BUG(leading_dimension_too_large, "GEMM operand A: .* exceed allocation"),
    BUG(result_overlaps_operand, "C overlaps A"),
    BUG(no_workspace_in_capture, "CUBLAS_STATUS_ALLOC_FAILED"),
    BUG(wrong_pointer_mode, "pointer mode is DEVICE, but alpha .* is host memory"),
};
#undef BUG

struct Outcome {
    bool succeeded;
    std::string said;
};

Outcome run_in_child(const Bug &bug, bool planted)
{
    int channel[2];
    if (pipe(channel) != 0)
        return {false, "no pipe"};
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        dup2(channel[1], STDERR_FILENO);
        close(channel[0]);
        close(channel[1]);
        std::exit(bug.run(planted));
    }
    close(channel[1]);
    Outcome outcome = {false, ""};
    char buffer[4096];
    for (ssize_t got; (got = read(channel[0], buffer, sizeof buffer)) > 0;)
        outcome.said.append(buffer, static_cast<size_t>(got));
    close(channel[0]);
    int status = -1;
    waitpid(child, &status, 0);
    outcome.succeeded = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return outcome;
}

bool matches(const std::string &text, const char *pattern)
{
    regex_t compiled;
    if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
    regfree(&compiled);
    return found;
}

int check(const Bug &bug)
{
    const Outcome with = run_in_child(bug, true), without = run_in_child(bug, false);
    int failures = 0;
    if (with.succeeded || !matches(with.said, bug.message)) {
        std::printf("%s: expected /%s/, but the run %s and said:\n%s\n", bug.name, bug.message,
                    with.succeeded ? "succeeded" : "failed", with.said.c_str());
        ++failures;
    }
    if (!without.succeeded || !without.said.empty()) {
        std::printf("%s: without the bug, the run %s and said:\n%s\n", bug.name,
                    without.succeeded ? "succeeded" : "failed", without.said.c_str());
        ++failures;
    }
    if (failures == 0)
        std::printf("%s: reported, and silent without the bug\n", bug.name);
    return failures;
}
} // namespace

int main(int argc, char **argv)
{
    int failures = 0, found = 0;
    for (const Bug &bug : bugs) {
        if (argc < 2)
            std::printf("%s\n", bug.name);
        else if (std::string(argv[1]) == bug.name || std::string(argv[1]) == "all")
            failures += check(bug), ++found;
    }
    if (argc >= 2 && found == 0)
        std::fprintf(stderr, "%s: no such bug; without an argument, all are listed\n", argv[1]);
    return failures > 0 || (argc >= 2 && found == 0) ? 1 : 0;
}
