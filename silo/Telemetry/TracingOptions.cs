using System.ComponentModel.DataAnnotations;

namespace DeployCard.Silo.Telemetry;

/// <summary>Settings of trace sampling (section <c>Tracing</c>).</summary>
internal sealed class TracingOptions
{
    public const string Section = "Tracing";

    /// <summary>
    /// Fraction of the traces started by DeployCard to keep. If the caller sent a trace context, its sampling decision applies.
    /// </summary>
    [Range(0.0, 1.0)]
    public double SamplingRatio { get; set; } = 1;
}
