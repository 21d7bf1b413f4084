namespace DeployCard.Contracts.Routing;

/// <summary>Limits for the requests to a deployment, from its configuration.</summary>
[GenerateSerializer, Alias("route-limits"), Immutable]
public sealed record RouteLimits
{
    /// <summary>Maximum number of concurrent requests per pod; 0 means unlimited.</summary>
    [Id(0)]
    public int Concurrency { get; init; }

    /// <summary>Maximum number of requests that wait concurrently in one gateway.</summary>
    [Id(1)]
    public int QueueLength { get; init; }

    /// <summary>Maximum time that a request waits for a pod.</summary>
    [Id(2)]
    public TimeSpan QueueTimeout { get; init; }

    /// <summary>Maximum total duration of a request after it was sent to a pod; 0 means unlimited.</summary>
    [Id(3)]
    public TimeSpan RequestTimeout { get; init; }

    /// <summary>Maximum time from the last forwarded byte of a request to the first byte of the response.</summary>
    [Id(4)]
    public TimeSpan FirstByteTimeout { get; init; }

    /// <summary>Maximum time without data on a stream after its response has started.</summary>
    [Id(5)]
    public TimeSpan StreamIdleTimeout { get; init; }

    /// <summary>Average number of requests per second that each gateway admits; 0 means unlimited.</summary>
    [Id(6)]
    public double RequestsPerSecond { get; init; }

    /// <summary>
    /// Maximum number of requests that each gateway admits in a burst; 0 means one second's worth of <see cref="RequestsPerSecond"/>, at
    /// least 1.
    /// </summary>
    [Id(7)]
    public int RequestBurst { get; init; }

    /// <summary>Maximum size of the body of a request in bytes; 0 means unlimited.</summary>
    [Id(8)]
    public long MaxRequestBytes { get; init; }

    /// <summary>Maximum number of asynchronous calls that have not ended.</summary>
    [Id(9)]
    public int AsyncQueueLength { get; init; }

    /// <summary>Maximum total size in bytes of the request bodies of asynchronous calls that have not ended.</summary>
    [Id(10)]
    public long AsyncQueueBytes { get; init; }
}
