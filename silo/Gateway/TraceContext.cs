using Microsoft.Extensions.Primitives;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// The trace context of a caller (W3C Trace Context and Baggage), passed through to the pod as it came. The gateway adds no span of its own: to
/// make an activity for each request and to write it into the fields would cost more than the key's check and the choice of a pod together.
/// </summary>
internal static class TraceContext
{
    /// <summary>The forwarder leaves these fields to the client of .NET, which leaves them out.</summary>
    public static void PassOn(IHeaderDictionary from, HttpRequestMessage to)
    {
        PassOn("traceparent", from.TraceParent, to);
        PassOn("tracestate", from.TraceState, to);
        PassOn("baggage", from.Baggage, to);
    }

    private static void PassOn(string field, StringValues values, HttpRequestMessage to)
    {
        if (values.Count > 0 && !to.Headers.NonValidated.Contains(field))
            to.Headers.TryAddWithoutValidation(field, (IEnumerable<string?>)values);
    }
}
