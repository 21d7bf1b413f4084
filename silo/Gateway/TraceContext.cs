using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Telemetry;
using Microsoft.Extensions.Primitives;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// The trace context of a caller (W3C Trace Context and Baggage) on its way to the pod. Where nobody listens it passes as it came: to make an
/// activity for each request would cost more than the key's check and the choice of a pod together. Else the pod's parent is the span of ours.
/// </summary>
internal static class TraceContext
{
    private const string Parent = "traceparent";
    private const string State = "tracestate";

    /// <summary>The forwarder leaves these fields to the client of .NET, which leaves them out.</summary>
    public static void PassOn(IHeaderDictionary from, HttpRequestMessage to)
    {
        if (!Renew(to))
        {
            PassOn(Parent, from.TraceParent, to);
            PassOn(State, from.TraceState, to);
        }

        PassOn("baggage", from.Baggage, to);
    }

    /// <summary>Makes the span that goes on here the parent; false where none does.</summary>
    public static bool Renew(HttpRequestMessage to)
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

    /// <summary>The fields to store of a call: what becomes of it later has the span of its acceptance as its parent.</summary>
    public static IReadOnlyList<CallHeader> Kept(IReadOnlyList<CallHeader> fields)
    {
        if (Spans.Current is not { Id: { } id } span)
            return fields;
        IEnumerable<CallHeader> others = fields.Where(field => !Is(field, Parent) && !Is(field, State));
        return span.TraceStateString is { Length: > 0 } state
            ? [.. others, new(Parent, id), new(State, state)]
            : [.. others, new(Parent, id)];
    }

    private static bool Is(CallHeader field, string name) => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static void PassOn(string field, StringValues values, HttpRequestMessage to)
    {
        if (values.Count > 0 && !to.Headers.NonValidated.Contains(field))
            to.Headers.TryAddWithoutValidation(field, (IEnumerable<string?>)values);
    }
}
