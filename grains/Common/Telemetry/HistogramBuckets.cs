using System.Diagnostics.Metrics;

namespace DeployCard.Common.Telemetry;

/// <summary>Bucket boundaries of histograms, in seconds.</summary>
public static class HistogramBuckets
{
    /// <summary>Boundaries for requests to a model: 1 ms to 5 minutes.</summary>
    public static InstrumentAdvice<double> RequestDurations { get; } =
        new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] };

    /// <summary>Boundaries for waits, such as for the start of a pod or in a queue: 10 ms to 10 minutes.</summary>
    public static InstrumentAdvice<double> WaitDurations { get; } =
        new() { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600] };

    /// <summary>Boundaries for the whole lifetime of a call: 10 ms to one day.</summary>
    public static InstrumentAdvice<double> CallDurations { get; } =
        new() { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400] };

    /// <summary>Boundaries for operations inside the installation: 100 µs to 10 s.</summary>
    public static InstrumentAdvice<double> InternalDurations { get; } =
        new()
        {
            HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
        };
}
