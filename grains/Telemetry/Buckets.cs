using System.Diagnostics.Metrics;

namespace DeployCard.Grains.Telemetry;

/// <summary>Where the buckets of histograms end, in seconds: enough to tell one millisecond from two, and a minute from five.</summary>
internal static class Buckets
{
    /// <summary>Of a request to a model: 1 ms to 5 minutes.</summary>
    public static InstrumentAdvice<double> Requests { get; } =
        new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] };

    /// <summary>Of what waits for a pod to start, or for its turn: 10 ms to 10 minutes.</summary>
    public static InstrumentAdvice<double> Waits { get; } =
        new() { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600] };

    /// <summary>Of a call's whole life: 10 ms to a day.</summary>
    public static InstrumentAdvice<double> Lives { get; } =
        new() { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400, 86_400] };

    /// <summary>Of something inside the installation: 100 µs to 10 s.</summary>
    public static InstrumentAdvice<double> Inner { get; } =
        new()
        {
            HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
        };
}
