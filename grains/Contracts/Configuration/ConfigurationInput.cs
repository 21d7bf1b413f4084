namespace DeployCard.Contracts.Configuration;

/// <summary>
/// Configuration values to set. In an update, null or omitted values stay unchanged. On creation, they take the default of the image, or
/// else the default stated here. Lists replace the previous ones.
/// </summary>
/// <remarks>
/// The property of the same name in <see cref="DeploymentConfiguration"/> defines each value. A number of 0 means what its rule says.
/// </remarks>
[GenerateSerializer, Alias("configuration-spec"), Immutable]
public sealed record ConfigurationInput
{
    /// <inheritdoc cref="DeploymentConfiguration.Pods"/>
    [Id(0)]
    public string? Pods { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.Cpu"/>
    [Id(1)]
    public double? Cpu { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.MemoryBytes"/>
    [Id(2)]
    public long? MemoryBytes { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.Gpu"/>
    [Id(3)]
    public int? Gpu { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.Concurrency"/>
    [Id(4)]
    public int? Concurrency { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.StartupTimeout"/>
    [Id(5)]
    public TimeSpan? StartupTimeout { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.QueueTimeout"/>
    [Id(6)]
    public TimeSpan? QueueTimeout { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.QueueLength"/>
    [Id(7)]
    public int? QueueLength { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.RequestTimeout"/>
    [Id(8)]
    public TimeSpan? RequestTimeout { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.IdleTimeout"/>
    [Id(9)]
    public TimeSpan? IdleTimeout { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.TerminationGracePeriod"/>
    [Id(10)]
    public TimeSpan? TerminationGracePeriod { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.Environment"/>
    [Id(11)]
    public IReadOnlyList<EnvironmentVariable>? Environment { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.FirstByteTimeout"/>
    [Id(12)]
    public TimeSpan? FirstByteTimeout { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.StreamIdleTimeout"/>
    [Id(13)]
    public TimeSpan? StreamIdleTimeout { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.DrainTimeout"/>
    [Id(14)]
    public TimeSpan? DrainTimeout { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.TargetConcurrency"/>
    [Id(15)]
    public double? TargetConcurrency { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.ScaleDownDelay"/>
    [Id(16)]
    public TimeSpan? ScaleDownDelay { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.RequestsPerSecond"/>
    [Id(17)]
    public double? RequestsPerSecond { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.RequestBurst"/>
    [Id(18)]
    public int? RequestBurst { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.CorsOrigins"/>
    [Id(19)]
    public IReadOnlyList<string>? CorsOrigins { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.MaxRequestBytes"/>
    [Id(20)]
    public long? MaxRequestBytes { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.AsyncQueueLength"/>
    [Id(21)]
    public int? AsyncQueueLength { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.AsyncQueueBytes"/>
    [Id(22)]
    public long? AsyncQueueBytes { get; init; }

    /// <inheritdoc cref="DeploymentConfiguration.Labels"/>
    [Id(23)]
    public IReadOnlyList<Label>? Labels { get; init; }

    /// <summary>Returns <paramref name="present"/> with these values. The caller must have validated them.</summary>
    public DeploymentConfiguration ApplyTo(DeploymentConfiguration present) => ConfigurationField.Apply(this, present);
}
