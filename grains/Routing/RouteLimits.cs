namespace DeployCard.Grains.Routing;

/// <summary>The limits of a deployment's requests, as its configuration gives them.</summary>
[GenerateSerializer, Alias("route-limits"), Immutable]
public sealed record RouteLimits
{
    /// <summary>Requests at once for each pod; 0 for no bound.</summary>
    [Id(0)]
    public int Concurrency { get; init; }

    /// <summary>Requests that may wait at once in one gateway.</summary>
    [Id(1)]
    public int QueueLength { get; init; }

    /// <summary>How long a request may wait.</summary>
    [Id(2)]
    public TimeSpan QueueTimeout { get; init; }

    /// <summary>How long a request may take as a whole once a pod has it; zero for no bound.</summary>
    [Id(3)]
    public TimeSpan RequestTimeout { get; init; }

    /// <summary>How long the first byte of the answer may take.</summary>
    [Id(4)]
    public TimeSpan FirstByteTimeout { get; init; }

    /// <summary>How long a stream may be silent.</summary>
    [Id(5)]
    public TimeSpan StreamIdleTimeout { get; init; }

    /// <summary>Requests for each second on average; 0 for no bound.</summary>
    [Id(6)]
    public double RequestsPerSecond { get; init; }

    /// <summary>Requests that may come at once above that rate; 0 for one second's worth.</summary>
    [Id(7)]
    public int RequestBurst { get; init; }

    /// <summary>The longest body of a request in bytes; 0 for no bound.</summary>
    [Id(8)]
    public long MaxRequestBytes { get; init; }

    /// <summary>Asynchronous calls that have not ended.</summary>
    [Id(9)]
    public int AsyncQueueLength { get; init; }

    /// <summary>The bodies of their requests together, in bytes.</summary>
    [Id(10)]
    public long AsyncQueueBytes { get; init; }
}
