/* Stream capture, and graphs: captured work, its dependencies, and its replay in an order drawn among those allowed. */
#include <algorithm>

#include "emulation.h"

namespace hg_emulation
{
namespace
{
std::vector<CUgraph_st *> &graphs = *new std::vector<CUgraph_st *>;
std::vector<CUgraphExec_st *> &executables = *new std::vector<CUgraphExec_st *>;
thread_local cudaStreamCaptureMode thread_mode = cudaStreamCaptureModeGlobal;

template <class T> bool known(const std::vector<T *> &list, const T *item)
{
    return std::find(list.begin(), list.end(), item) != list.end();
}

template <class T> void forget(std::vector<T *> &list, T *item)
{
    list.erase(std::find(list.begin(), list.end(), item));
}

/* Every node must come before what the origin stream would capture next. */
bool all_joined(const CUgraph_st &graph, const std::vector<size_t> &frontier)
{
    std::vector<char> joined(graph.nodes.size(), 0);
    for (const size_t node : frontier)
        joined[node] = 1;
    for (size_t node = graph.nodes.size(); node-- > 0;)
        if (joined[node])
            for (const size_t earlier : graph.nodes[node]->after)
                joined[earlier] = 1;
    return std::find(joined.begin(), joined.end(), 0) == joined.end();
}

void replay(const std::vector<CUgraphNode_st> &nodes)
{
    std::vector<size_t> missing(nodes.size()), ready;
    std::vector<std::vector<size_t>> later(nodes.size());
    for (size_t i = 0; i < nodes.size(); ++i) {
        missing[i] = nodes[i].after.size();
        for (const size_t earlier : nodes[i].after)
            later[earlier].push_back(i);
        if (missing[i] == 0)
            ready.push_back(i);
    }
    while (!ready.empty()) {
        const size_t pick = ready.size() == 1 ? 0 : roll(ready.size());
        const size_t node = ready[pick];
        ready.erase(ready.begin() + static_cast<std::ptrdiff_t>(pick));
        if (stuck() == cudaSuccess) {
            nodes[node].run();
            ++counters.graph_nodes_run;
        }
        for (const size_t next : later[node])
            if (--missing[next] == 0)
                ready.push_back(next);
    }
}
} // namespace

cudaError_t add_node(CUstream_st *stream, Work kind, std::function<void()> run)
{
    if (!stream->capture->valid)
        return cudaErrorStreamCaptureInvalidated;
    std::vector<std::unique_ptr<CUgraphNode_st>> &nodes = stream->capture->graph->nodes;
    nodes.push_back(std::make_unique<CUgraphNode_st>(CUgraphNode_st{kind, std::move(run), stream->frontier}));
    stream->frontier = {nodes.size() - 1};
    return cudaSuccess;
}

bool is_capturing(cudaStream_t stream)
{
    const CUstream_st *s = stream_of(stream);
    return s != nullptr && s->capture;
}

cudaError_t forbid_in_capture()
{
    if (thread_mode == cudaStreamCaptureModeRelaxed)
        return cudaSuccess;
    cudaError_t result = cudaSuccess;
    for (const CUstream_st *s : all_streams())
        if (s->capture && s->capture->mode != cudaStreamCaptureModeRelaxed) {
            s->capture->valid = false;
            result = cudaErrorStreamCaptureUnsupported;
        }
    return result;
}

cudaError_t forbid_legacy_in_capture()
{
    cudaError_t result = cudaSuccess;
    for (const CUstream_st *s : all_streams())
        if (s->capture && s->blocking) {
            s->capture->valid = false;
            result = cudaErrorStreamCaptureImplicit;
        }
    return result;
}

size_t live_graphs()
{
    return graphs.size() + executables.size();
}
} // namespace hg_emulation

using namespace hg_emulation;

extern "C" {
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode)
{
    const Entry entry;
    if (entry.status != cudaSuccess)
        return entry.status;
    CUstream_st *s = stream_of(stream);
    if (s == nullptr)
        return note(cudaErrorInvalidResourceHandle);
    if (s == stream_of(nullptr))
        return note(cudaErrorStreamCaptureUnsupported);
    if (s->capture)
        return note(cudaErrorIllegalState);
    s->capture = std::make_shared<Capture>();
    s->capture->origin = s;
    s->capture->mode = mode;
    s->frontier.clear();
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    const Entry entry;
    CUstream_st *s = stream_of(stream);
    if (s == nullptr)
        return note(cudaErrorInvalidResourceHandle);
    if (graph == nullptr)
        return note(cudaErrorInvalidValue);
    *graph = nullptr;
    if (!s->capture)
        return note(cudaErrorIllegalState);
    const CapturePtr capture = s->capture;
    if (capture->origin != s) {
        capture->valid = false;
        return note(cudaErrorStreamCaptureUnmatched);
    }
    const bool joined = all_joined(*capture->graph, s->frontier);
    for (CUstream_st *member : all_streams())
        if (member->capture == capture) {
            member->capture = nullptr;
            member->frontier.clear();
        }
    if (!capture->valid)
        return note(cudaErrorStreamCaptureInvalidated);
    if (!joined)
        return note(cudaErrorStreamCaptureUnjoined);
    *graph = capture->graph.release();
    graphs.push_back(*graph);
    return entry.status;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus *status)
{
    const Entry entry;
    const CUstream_st *s = stream_of(stream);
    if (s == nullptr)
        return note(cudaErrorInvalidResourceHandle);
    *status = !s->capture         ? cudaStreamCaptureStatusNone
              : s->capture->valid ? cudaStreamCaptureStatusActive
                                  : cudaStreamCaptureStatusInvalidated;
    return entry.status;
}

cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode *mode)
{
    std::swap(*mode, thread_mode);
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long)
{
    const Entry entry;
    if (entry.status != cudaSuccess)
        return entry.status;
    if (exec == nullptr || !known(graphs, graph))
        return note(cudaErrorInvalidValue);
    auto nodes = std::make_shared<std::vector<CUgraphNode_st>>();
    for (const auto &node : graph->nodes)
        nodes->push_back(*node);
    *exec = new CUgraphExec_st{std::move(nodes), nullptr};
    executables.push_back(*exec);
    ++counters.graphs_instantiated;
    counters.last_graph_nodes = graph->nodes.size();
    return cudaSuccess;
}

cudaError_t cudaGraphUpload(cudaGraphExec_t exec, cudaStream_t stream)
{
    const Entry entry;
    if (!known(executables, exec) || stream_of(stream) == nullptr)
        return note(cudaErrorInvalidValue);
    return entry.status;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
    const Entry entry;
    if (entry.status != cudaSuccess)
        return entry.status;
    CUstream_st *s = stream_of(stream);
    if (!known(executables, exec) || s == nullptr)
        return note(cudaErrorInvalidValue);
    if (s->capture) {
        s->capture->valid = false;
        return note(cudaErrorStreamCaptureUnsupported); /* child graphs are not emulated */
    }
    if (s == stream_of(nullptr))
        if (const cudaError_t forbidden = forbid_legacy_in_capture())
            return note(forbidden);
    ++counters.graph_launches;
    exec->latest = enqueue(s, Work::graph, [nodes = exec->nodes] { replay(*nodes); }, {exec->latest});
    progress();
    return note(stuck());
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    const Entry entry;
    if (!known(graphs, graph))
        return note(cudaErrorInvalidValue);
    forget(graphs, graph);
    delete graph;
    return entry.status;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    const Entry entry;
    if (!known(executables, exec))
        return note(cudaErrorInvalidValue);
    if (exec->latest && !exec->latest->done)
        die("cudaGraphExecDestroy: a launch of the graph is not done");
    forget(executables, exec);
    delete exec;
    return entry.status;
}

cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t *nodes, size_t *count)
{
    const Entry entry;
    if (!known(graphs, graph) || count == nullptr)
        return note(cudaErrorInvalidValue);
    if (nodes != nullptr)
        for (size_t i = 0; i < std::min(*count, graph->nodes.size()); ++i)
            nodes[i] = graph->nodes[i].get();
    *count = graph->nodes.size();
    return entry.status;
}

cudaError_t cudaGraphNodeGetType(cudaGraphNode_t node, cudaGraphNodeType *type)
{
    switch (node->kind) {
    case Work::copy:
        *type = cudaGraphNodeTypeMemcpy;
        break;
    case Work::set:
        *type = cudaGraphNodeTypeMemset;
        break;
    case Work::host:
        *type = cudaGraphNodeTypeHost;
        break;
    default:
        *type = cudaGraphNodeTypeKernel;
    }
    return cudaSuccess;
}
}
