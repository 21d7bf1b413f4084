namespace DeployCard.Silo.Hosting;

/// <summary>
/// Rejects settings with the names that they had up to version 0.1.0. Without this check an old name would be ignored, and the silo would
/// run with a default that its administrator did not choose.
/// </summary>
internal static class RenamedSettings
{
    /// <summary>The current name of each renamed setting, by its old name.</summary>
    public static IReadOnlyDictionary<string, string> CurrentNames { get; } =
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Metrics:MostSeries"] = "Metrics:MaxSeries",
            ["Otlp:MetricsPeriod"] = "Otlp:MetricsInterval",
            ["Tracing:Ratio"] = "Tracing:SamplingRatio",
            ["Storage:MostWritesPerCommit"] = "Storage:MaxWritesPerCommit",
            ["Storage:MostWaitingWrites"] = "Storage:MaxQueuedWrites",
            ["Storage:MostReads"] = "Storage:MaxConcurrentReads",
            ["Storage:MostConnections"] = "Storage:MaxConnections",
            ["Storage:SchemaTimeout"] = "Storage:SchemaLockTimeout",
            ["Cluster:MissedProbes"] = "Cluster:MaxMissedProbes",
            ["Cluster:LeaveDelay"] = "Cluster:ShutdownDelay",
            ["Cluster:LeaveTimeout"] = "Cluster:DrainTimeout",
            ["Kubernetes:AnyImage"] = "Kubernetes:AllowAnyImage",
            ["Kubernetes:PullSecrets"] = "Kubernetes:ImagePullSecrets",
            ["Kubernetes:RelistPeriod"] = "Kubernetes:RelistInterval",
            ["Kubernetes:RetryPause"] = "Kubernetes:InitialBackoff",
            ["Kubernetes:LongestRetryPause"] = "Kubernetes:MaxBackoff",
            ["Kubernetes:SweepPeriod"] = "Kubernetes:OrphanSweepInterval",
            ["Kubernetes:OrphanAge"] = "Kubernetes:MinOrphanAge",
            ["Deployments:PodsCap"] = "Deployments:MaxPodsPerDeployment",
            ["Deployments:MostKeys"] = "Deployments:MaxKeysPerDeployment",
            ["Deployments:MostRevisions"] = "Deployments:MaxRevisionsPerDeployment",
            ["Deployments:ScalingPeriod"] = "Deployments:ScalingInterval",
            ["Autoscaling:SilenceAfter"] = "Autoscaling:ReportTimeout",
            ["AsyncCalls:MostAttempts"] = "AsyncCalls:MaxAttempts",
            ["AsyncCalls:FirstPause"] = "AsyncCalls:InitialBackoff",
            ["AsyncCalls:LongestPause"] = "AsyncCalls:MaxBackoff",
            ["AsyncCalls:LongestRetryAfter"] = "AsyncCalls:MaxRetryAfter",
            ["AsyncCalls:MostRequestBytes"] = "AsyncCalls:MaxRequestBytes",
            ["AsyncCalls:MostResultBytes"] = "AsyncCalls:MaxResultBytes",
            ["AsyncCalls:AtOncePerPod"] = "AsyncCalls:DefaultConcurrencyPerPod",
            ["AsyncCalls:AtOnce"] = "AsyncCalls:MaxConcurrency",
            ["Callbacks:WaitTimeout"] = "Callbacks:QueueTimeout",
            ["Callbacks:Patience"] = "Callbacks:MaxDeliveryAge",
            ["Callbacks:MostAtOncePerHost"] = "Callbacks:MaxConcurrencyPerHost",
            ["Callbacks:AtOnce"] = "Callbacks:MaxConcurrency",
            ["Callbacks:MostWaiting"] = "Callbacks:MaxQueuedDeliveries",
            ["Logs:MostLinesPerSecond"] = "Logs:MaxLinesPerSecond",
            ["Logs:MostBytesPerSecond"] = "Logs:MaxBytesPerSecond",
            ["Logs:MostLines"] = "Logs:MaxLines",
            ["Logs:MostBytes"] = "Logs:MaxBytes",
            ["Logs:StorePeriod"] = "Logs:FlushInterval",
            ["Monitoring:SendPeriod"] = "Monitoring:ReportInterval",
            ["Monitoring:StorePeriod"] = "Monitoring:FlushInterval",
            ["Monitoring:SamplePeriod"] = "Monitoring:SampleInterval",
            ["Alerts:Period"] = "Alerts:EvaluationInterval",
            ["Alerts:KeepFiring"] = "Alerts:KeepFiringFor",
            ["Alerts:ErrorRatio"] = "Alerts:MaxErrorRatio",
            ["Alerts:Latency"] = "Alerts:MaxLatency",
            ["Alerts:Crashes"] = "Alerts:MaxCrashes",
            ["Alerts:BacklogAge"] = "Alerts:MaxBacklogAge",
            ["Alerts:ColdStart"] = "Alerts:MaxColdStartWait",
            ["Alerts:RefusalsWindow"] = "Alerts:CapacityRejectionsWindow",
            ["Alerts:RefusalsFor"] = "Alerts:CapacityRejectionsFor",
            ["Alerts:Refusals"] = "Alerts:MaxCapacityRejections",
            ["Gateway:TrustForwarded"] = "Gateway:TrustForwardedHeaders",
            ["Gateway:MaxHeaders"] = "Gateway:MaxHeaderCount",
            ["Gateway:MinBytesPerSecond"] = "Gateway:MinDataRate",
            ["Gateway:SlowGrace"] = "Gateway:MinDataRateGracePeriod",
            ["GraphQL:CachedDocuments"] = "GraphQL:MaxCachedDocuments",
            ["GraphQL:PersistedOperations"] = "GraphQL:MaxPersistedOperations",
            ["GraphQL:KeepAlive"] = "GraphQL:KeepAliveInterval",
            ["LocalProcess:RestartPauseReset"] = "LocalProcess:RestartBackoffResetAfter",
            ["LocalProcess:LongestRestartPause"] = "LocalProcess:MaxRestartBackoff",
            ["LocalProcess:RestartPause"] = "LocalProcess:InitialRestartBackoff",
            ["LocalProcess:DisposeGrace"] = "LocalProcess:ShutdownGracePeriod",
            ["LocalProcess:GoneRetention"] = "LocalProcess:EndedPodRetention",
            ["LocalProcess:CheckCache"] = "LocalProcess:CheckCacheDuration",
            ["LocalProcess:LineLimit"] = "LocalProcess:MaxLineBytes",
            ["LocalProcess:LogBufferLines"] = "LocalProcess:MaxBufferedLogLines",
            ["LocalProcess:LogBufferBytes"] = "LocalProcess:MaxBufferedLogBytes",
        };

    /// <summary>Checks the names of all settings that are given.</summary>
    /// <exception cref="StartupException">At least one setting has an old name. The message lists each with its current name.</exception>
    public static void ThrowIfUsed(IConfiguration configuration)
    {
        var renamed = configuration
            .AsEnumerable()
            .Where(setting => setting.Value is not null)
            .Select(setting => (Given: setting.Key, Current: Current(setting.Key)))
            .Where(setting => setting.Current is not null)
            .OrderBy(setting => setting.Given, StringComparer.OrdinalIgnoreCase)
            .Select(setting => $"{setting.Given} is now {setting.Current}")
            .ToList();
        if (renamed.Count > 0)
            throw new StartupException($"settings were renamed: {string.Join("; ", renamed)}");
    }

    /// <summary>
    /// Returns the current name of a setting, of an element of its list, or of the file that contains its value; null if the given name is
    /// current.
    /// </summary>
    private static string? Current(string given)
    {
        if (given.EndsWith(SecretFiles.Suffix, StringComparison.OrdinalIgnoreCase))
            return Current(given[..^SecretFiles.Suffix.Length]) is { } name ? name + SecretFiles.Suffix : null;
        if (CurrentNames.TryGetValue(given, out var current))
            return current;
        var element = given.LastIndexOf(':');
        return element > 0 && CurrentNames.TryGetValue(given[..element], out current) ? current + given[element..] : null;
    }
}
