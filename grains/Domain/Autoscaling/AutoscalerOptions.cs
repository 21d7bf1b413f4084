using System.ComponentModel.DataAnnotations;

namespace DeployCard.Domain.Autoscaling;

/// <summary>Settings of the autoscaler (section <c>Autoscaling</c>). The names follow Knative's autoscaler.</summary>
public sealed class AutoscalerOptions : IValidatableObject
{
    /// <summary>Section of the settings that holds these options.</summary>
    public const string Section = "Autoscaling";

    /// <summary>Window over which the load is averaged for normal decisions.</summary>
    [Range(typeof(TimeSpan), "00:00:06", "01:00:00")]
    public TimeSpan StableWindow { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Window over which the load is averaged to detect a burst; at most <see cref="StableWindow"/>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan PanicWindow { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>
    /// Load over the panic window, as a multiple of the capacity of the ready pods, that counts as a burst (panic). After a burst, scaling
    /// down is blocked for one stable window.
    /// </summary>
    [Range(1.1, 10)]
    public double PanicThreshold { get; set; } = 2;

    /// <summary>
    /// Maximum number of pods after a decision to scale up, as a multiple of the number of ready pods, or of one if none is ready. Scaling
    /// up from zero is not limited.
    /// </summary>
    [Range(1.1, 1000)]
    public double MaxScaleUpRate { get; set; } = 10;

    /// <summary>Maximum factor by which the number of pods is divided within a second.</summary>
    [Range(1.1, 1000)]
    public double MaxScaleDownRate { get; set; } = 2;

    /// <summary>Time without a report of a gateway after which its last reported load no longer counts.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:05:00")]
    public TimeSpan ReportTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Fraction by which the average may exceed the target of the current pods before one is added. The tolerance
    /// prevents flapping when the load is at the boundary between two numbers of pods.
    /// </summary>
    [Range(0, 0.5)]
    public double Tolerance { get; set; } = 0.1;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PanicWindow > StableWindow)
            yield return new(
                $"{Section}:{nameof(PanicWindow)} must be at most {Section}:{nameof(StableWindow)}, {StableWindow}; got {PanicWindow}."
            );
    }
}
