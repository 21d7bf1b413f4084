using DeployCard.Common.Telemetry;
using DeployCard.Contracts.AsyncCalls;
using Microsoft.Extensions.Primitives;

namespace DeployCard.Gateway;

/// <summary>
/// Propagates the caller's trace context (W3C Trace Context and Baggage) to the pod. While tracing is off, the headers are copied
/// unchanged, because an activity for each request would cost more than the key check and the selection of a pod together. While tracing is
/// on, the gateway's span becomes the parent of the pod's span.
/// </summary>
internal static class TraceContext
{
    private const string Parent = "traceparent";
    private const string State = "tracestate";

    /// <summary>
    /// Adds the trace headers to a request to a pod. YARP does not copy these headers but relies on .NET's HTTP client, which is configured
    /// not to send them.
    /// </summary>
    public static void Propagate(IHeaderDictionary from, HttpRequestMessage to)
    {
        if (!TrySetParent(to))
        {
            CopyHeader(Parent, from.TraceParent, to);
            CopyHeader(State, from.TraceState, to);
        }

        CopyHeader("baggage", from.Baggage, to);
    }

    /// <summary>Sets the current span as the parent in the request to a pod. Returns false if there is no current span.</summary>
    public static bool TrySetParent(HttpRequestMessage to)
    {
        if (Spans.Current is not { Id: { } id } span)
            return false;
        to.Headers.Remove(Parent);
        to.Headers.Remove(State);
        to.Headers.TryAddWithoutValidation(Parent, id);
        if (span.TraceStateString is { Length: > 0 } state)
            to.Headers.TryAddWithoutValidation(State, state);
        return true;
    }

    /// <summary>
    /// Returns the headers to store with an asynchronous call. The span that accepts the call becomes the parent of the spans of its later
    /// execution.
    /// </summary>
    public static IReadOnlyList<CallHeader> WithCurrentParent(IReadOnlyList<CallHeader> headers)
    {
        if (Spans.Current is not { Id: { } id } span)
            return headers;
        IEnumerable<CallHeader> others = headers.Where(header => !Is(header, Parent) && !Is(header, State));
        return span.TraceStateString is { Length: > 0 } state
            ? [.. others, new(Parent, id), new(State, state)]
            : [.. others, new(Parent, id)];
    }

    private static bool Is(CallHeader header, string name) => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static void CopyHeader(string name, StringValues values, HttpRequestMessage to)
    {
        if (values.Count > 0 && !to.Headers.NonValidated.Contains(name))
            to.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
    }
}
