namespace DeployCard.Grains.Monitoring;

/// <summary>How long requests took. Each figure is at most 1.6 % away from the time of the request that it is.</summary>
/// <param name="Count">How many requests there were, 1 or more.</param>
/// <param name="P50">Half of them took no longer.</param>
/// <param name="P90">So many of a hundred took no longer.</param>
/// <param name="P95">So many of a hundred took no longer.</param>
/// <param name="P99">So many of a hundred took no longer.</param>
/// <param name="Max">The slowest took that long.</param>
[GenerateSerializer, Alias("latency-figures"), Immutable]
public sealed record LatencyFigures(
    [property: Id(0)] long Count,
    [property: Id(1)] TimeSpan P50,
    [property: Id(2)] TimeSpan P90,
    [property: Id(3)] TimeSpan P95,
    [property: Id(4)] TimeSpan P99,
    [property: Id(5)] TimeSpan Max
);
