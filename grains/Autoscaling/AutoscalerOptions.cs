using System.ComponentModel.DataAnnotations;

namespace DeployCard.Grains.Autoscaling;

/// <summary>How pods follow the load (section <c>Autoscaling</c>). The words are those of Knative's autoscaler where it has them.</summary>
public sealed class AutoscalerOptions : IValidatableObject
{
    /// <summary>Over how long the load is averaged as a rule: 6 s to 1 hour, default 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:06", "01:00:00")]
    public TimeSpan StableWindow { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Over how long it is averaged to find a burst: 1 s to 10 minutes and no longer than the stable window, default 6 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan PanicWindow { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>
    /// A burst (panic) is a load over the panic window that wants that many times the ready pods: 1.1 to 10, default 2.
    /// No pod is taken away until a stable window after the last sign of it.
    /// </summary>
    [Range(1.1, 10)]
    public double PanicThreshold { get; set; } = 2;

    /// <summary>
    /// How many times the ready pods may be wanted at the most, 1.1 to 1,000, default 10; one ready pod is assumed where there is none yet.
    /// From zero there is no such bound: those who wait there wait for a start anyhow.
    /// </summary>
    [Range(1.1, 1000)]
    public double MaxScaleUpRate { get; set; } = 10;

    /// <summary>By how much the pods may be divided at once, 1.1 to 1,000, default 2: no more than half of them go within a second.</summary>
    [Range(1.1, 1000)]
    public double MaxScaleDownRate { get; set; } = 2;

    /// <summary>After how long without a report a gateway counts no more, 2 s to 5 minutes, default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:05:00")]
    public TimeSpan ReportTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// By how much the average may be above what the present pods are wanted for before it calls for one more, as a part of that:
    /// 0 to 0.5, default 0.1. It keeps a load at the edge of two numbers from going to and fro.
    /// </summary>
    [Range(0, 0.5)]
    public double Tolerance { get; set; } = 0.1;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PanicWindow > StableWindow)
            yield return new(
                $"The panic window ({PanicWindow}) must not be longer than the stable window ({StableWindow}).",
                [nameof(PanicWindow)]
            );
    }
}
