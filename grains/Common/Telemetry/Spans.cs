using System.Diagnostics;

namespace DeployCard.Common.Telemetry;

/// <summary>Tracing spans of DeployCard (source <c>DeployCard</c>). No span is created if there is no listener.</summary>
public static class Spans
{
    /// <summary>Name of the activity source.</summary>
    public const string SourceName = "DeployCard";

    /// <summary>The activity source that creates all spans of DeployCard.</summary>
    public static ActivitySource Source { get; } = new(SourceName);

    /// <summary>Whether a listener receives the spans.</summary>
    public static bool IsEnabled => Source.HasListeners();

    /// <summary>The current span of this source; null if there is no current span, or if it belongs to another source.</summary>
    public static Activity? Current => IsEnabled && Activity.Current is { } current && current.Source == Source ? current : null;

    /// <summary>
    /// Parses the trace context that a client sent in the headers <c>traceparent</c> and <c>tracestate</c>; returns the default context if
    /// the headers are not valid W3C trace context.
    /// </summary>
    public static ActivityContext ParseContext(string? parent, string? state) =>
        ActivityContext.TryParse(parent, state, isRemote: true, out var context) ? context : default;
}
