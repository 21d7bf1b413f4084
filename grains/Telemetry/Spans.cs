using System.Diagnostics;

namespace DeployCard.Grains.Telemetry;

/// <summary>The spans of this product (source <c>DeployCard</c>). None is made where nobody listens.</summary>
internal static class Spans
{
    /// <summary>The source's name.</summary>
    public const string SourceName = "DeployCard";

    /// <summary>Where they come from.</summary>
    public static ActivitySource Source { get; } = new(SourceName);

    /// <summary>Whether somebody listens.</summary>
    public static bool AreOn => Source.HasListeners();

    /// <summary>The span of ours that goes on here; null where none does.</summary>
    public static Activity? Current => AreOn && Activity.Current is { } current && current.Source == Source ? current : null;

    /// <summary>The context that a caller sent in the fields <c>traceparent</c> and <c>tracestate</c>; none where it is not of the form of W3C.</summary>
    public static ActivityContext ContextOf(string? parent, string? state) =>
        ActivityContext.TryParse(parent, state, isRemote: true, out var context) ? context : default;
}
