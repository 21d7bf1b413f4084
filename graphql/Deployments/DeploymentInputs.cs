using System.ComponentModel.DataAnnotations;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>Input for a new deployment.</summary>
/// <param name="Name">Unique name: a DNS label of at most 63 characters.</param>
/// <param name="Image">Name of the image; <c>images</c> lists the available ones.</param>
/// <param name="Title">Display name, at most 200 characters; null uses the name.</param>
/// <param name="Configuration">Configuration values; null or omitted values take the default of the image, or else the general
/// default.</param>
public sealed record CreateDeploymentInput(string Name, string Image, string? Title = null, ConfigurationInput? Configuration = null);

/// <summary>
/// Input for changing a deployment; omitted values stay unchanged. A different image or configuration creates a new revision.
/// </summary>
/// <param name="Name">Name of the deployment.</param>
/// <param name="Title">Display name, at most 200 characters; null leaves it unchanged.</param>
/// <param name="Image">Name of the image; null leaves it unchanged.</param>
/// <param name="Configuration">Configuration values to change; null leaves all unchanged.</param>
/// <param name="ExpectedRevision">Number of the revision that the caller last read; the update fails with <c>VERSION_CONFLICT</c> if
/// another revision is current. Null skips the check.</param>
public sealed record UpdateDeploymentInput(
    string Name,
    string? Title = null,
    string? Image = null,
    ConfigurationInput? Configuration = null,
    int? ExpectedRevision = null
);

/// <summary>
/// Configuration values to set. In an update, null or omitted values stay unchanged. On creation, they take the default of the image, or
/// else the default stated here.
/// </summary>
/// <param name="Pods">Minimum and maximum number of pods, written <c>min-max</c>, each 0 to 100, for example <c>0-3</c>; default
/// <c>0-1</c>. With <c>0-0</c> the deployment scales to zero when idle, and only <c>Deployments:MaxPodsPerDeployment</c> limits its
/// pods.</param>
/// <param name="Cpu">CPU limit of a pod in cores, 0.01 to 1024; 0 (the default) means unlimited.</param>
/// <param name="MemoryBytes">Memory limit of a pod in bytes, 1 MiB to 64 TiB; 0 (the default) means unlimited.</param>
/// <param name="Gpu">Number of GPUs per pod, 0 to 64, default 0.</param>
/// <param name="Concurrency">Maximum number of concurrent requests per pod, 1 to 100,000; 0 (the default) means unlimited.</param>
/// <param name="StartupTimeout">Maximum time for a pod to become ready, 1 s to 1 h, default 2 min.</param>
/// <param name="QueueTimeout">Maximum time that a synchronous request waits for a pod, 1 s to 1 h, default 1 min.</param>
/// <param name="QueueLength">Maximum number of synchronous requests that wait for a pod at the same time in one gateway, 0 to 100,000,
/// default 1,000.</param>
/// <param name="RequestTimeout">Maximum total time of a synchronous request after it was sent to a pod, 1 s to 24 h; 0 (the default) means
/// unlimited.</param>
/// <param name="IdleTimeout">Time without requests after which the deployment scales down to its minimum number of pods, 1 s to 24 h,
/// default 5 min.</param>
/// <param name="TerminationGracePeriod">Time that a pod has to exit after the stop signal before it is killed, 0 s to 1 h, default 30 s.
/// When the deployment is stopped or deleted, also the time that the pod has to finish its requests before that signal.</param>
/// <param name="Environment">All environment variables of the serving script, at most 200; replaces the previous ones.</param>
/// <param name="FirstByteTimeout">Maximum time from the last forwarded request byte to the first response byte of the pod, 1 s to 24 h,
/// default 1 min.</param>
/// <param name="StreamIdleTimeout">Maximum time without data in either direction after the response has started, 1 s to 24 h, default 10
/// min.</param>
/// <param name="DrainTimeout">Time that a pod of an earlier revision has to finish its requests before it is stopped, 0 s to 7 days,
/// default 1 h.</param>
/// <param name="TargetConcurrency">Average number of concurrent requests per pod that the autoscaler aims for, 0.1 to 100,000; 0 (the
/// default) means the value of <c>concurrency</c>, or 100 if that is unlimited.</param>
/// <param name="ScaleDownDelay">Time for which fewer pods must have been sufficient before the deployment scales down, 0 s to 1 h, default
/// 1 min.</param>
/// <param name="RequestsPerSecond">Maximum average rate in requests per second that one gateway admits, 0.01 to 1,000,000; 0 (the default)
/// means unlimited.</param>
/// <param name="RequestBurst">Number of requests that may exceed the rate in a burst, 1 to 1,000,000; 0 (the default) means one second's
/// worth of the rate.</param>
/// <param name="CorsOrigins">Web origins whose pages may call the deployment, for example <c>https://app.example.com</c>, or <c>*</c> for
/// all; at most 50. Empty (the default) allows no cross-origin requests.</param>
/// <param name="MaxRequestBytes">Maximum body size of a synchronous request in bytes, 1 to 1 TiB; 0 (the default) means unlimited.</param>
/// <param name="AsyncQueueLength">Maximum number of asynchronous calls that have not ended, 0 to 10,000,000, default 100,000.</param>
/// <param name="AsyncQueueBytes">Maximum total size in bytes of the request bodies of asynchronous calls that have not ended, 0 to 16 TiB,
/// default 10 GiB.</param>
public sealed record ConfigurationInput(
    string? Pods = null,
    double? Cpu = null,
    long? MemoryBytes = null,
    int? Gpu = null,
    int? Concurrency = null,
    TimeSpan? StartupTimeout = null,
    TimeSpan? QueueTimeout = null,
    int? QueueLength = null,
    TimeSpan? RequestTimeout = null,
    TimeSpan? IdleTimeout = null,
    TimeSpan? TerminationGracePeriod = null,
    IReadOnlyList<EnvironmentVariableInput>? Environment = null,
    TimeSpan? FirstByteTimeout = null,
    TimeSpan? StreamIdleTimeout = null,
    TimeSpan? DrainTimeout = null,
    double? TargetConcurrency = null,
    TimeSpan? ScaleDownDelay = null,
    double? RequestsPerSecond = null,
    int? RequestBurst = null,
    IReadOnlyList<string>? CorsOrigins = null,
    long? MaxRequestBytes = null,
    int? AsyncQueueLength = null,
    long? AsyncQueueBytes = null
)
{
    internal ConfigurationSpec ToSpec() =>
        new()
        {
            Pods = Pods,
            Cpu = Cpu,
            MemoryBytes = MemoryBytes,
            Gpu = Gpu,
            Concurrency = Concurrency,
            StartupTimeout = StartupTimeout,
            QueueTimeout = QueueTimeout,
            QueueLength = QueueLength,
            RequestTimeout = RequestTimeout,
            IdleTimeout = IdleTimeout,
            TerminationGracePeriod = TerminationGracePeriod,
            FirstByteTimeout = FirstByteTimeout,
            StreamIdleTimeout = StreamIdleTimeout,
            DrainTimeout = DrainTimeout,
            TargetConcurrency = TargetConcurrency,
            ScaleDownDelay = ScaleDownDelay,
            RequestsPerSecond = RequestsPerSecond,
            RequestBurst = RequestBurst,
            CorsOrigins = CorsOrigins,
            MaxRequestBytes = MaxRequestBytes,
            AsyncQueueLength = AsyncQueueLength,
            AsyncQueueBytes = AsyncQueueBytes,
            // If a name is given twice, the last value wins, as in a shell.
            Environment = Environment?.GroupBy(v => v.Name).ToDictionary(g => g.Key, g => g.Last().Value),
        };
}

/// <summary>An environment variable to set.</summary>
/// <param name="Name">Name of the variable: A-Z, a-z, 0-9 and _, not starting with a digit.</param>
/// <param name="Value">Value of the variable, at most 32,768 characters.</param>
public sealed record EnvironmentVariableInput(string Name, string Value);

/// <summary>
/// Filter for deployments. All given conditions must match; omitted conditions match every deployment that is not deleted.
/// </summary>
/// <param name="Search">Text that the name or the title must contain, case-insensitive, at most 100 characters; null matches all.</param>
/// <param name="Statuses">Statuses to include; null or empty includes all except <c>DELETED</c>.</param>
/// <param name="HasAlerts">Whether to list only deployments with firing alerts (true) or only those without (false); null lists
/// both.</param>
public sealed record DeploymentFilterInput(
    [property: StringLength(100)] string? Search = null,
    IReadOnlyList<DeploymentStatus>? Statuses = null,
    bool? HasAlerts = null
);
