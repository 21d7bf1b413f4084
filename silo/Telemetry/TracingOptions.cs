using System.ComponentModel.DataAnnotations;

namespace DeployCard.Silo.Telemetry;

/// <summary>Which traces are kept (section <c>Tracing</c>).</summary>
internal sealed class TracingOptions
{
    public const string Section = "Tracing";

    /// <summary>What part of the traces that begin here is kept: 0 to 1, default 1. Where a caller sent a trace context, its own decision holds.</summary>
    [Range(0, 1)]
    public double SamplingRatio { get; set; } = 1;
}
