namespace DeployCard.Contracts.Monitoring;

/// <summary>Percentiles of the latency of requests. Each differs by at most 1.6 % from the exact value.</summary>
/// <param name="Count">Number of requests, at least 1.</param>
/// <param name="P50">Median latency: half of the requests took at most this long.</param>
/// <param name="P90">Latency that 90 % of the requests did not exceed.</param>
/// <param name="P95">Latency that 95 % of the requests did not exceed.</param>
/// <param name="P99">Latency that 99 % of the requests did not exceed.</param>
/// <param name="Max">Latency of the slowest request.</param>
[GenerateSerializer, Alias("latency-figures"), Immutable]
public sealed record LatencyPercentiles(
    [property: Id(0)] long Count,
    [property: Id(1)] TimeSpan P50,
    [property: Id(2)] TimeSpan P90,
    [property: Id(3)] TimeSpan P95,
    [property: Id(4)] TimeSpan P99,
    [property: Id(5)] TimeSpan Max
);
