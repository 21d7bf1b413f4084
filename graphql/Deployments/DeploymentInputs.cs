using System.ComponentModel.DataAnnotations;
using DeployCard.Grains.Deployments;

namespace DeployCard.GraphQL.Deployments;

/// <summary>A deployment to be made.</summary>
/// <param name="Name">Its unique name: a DNS label of at most 63 characters.</param>
/// <param name="Image">The image; <c>images</c> lists those that there are.</param>
/// <param name="Title">What people call it, up to 200 characters; its name where nothing is said.</param>
/// <param name="Configuration">What is wanted of the configuration; the image's suggestions, then the defaults, where nothing is said.</param>
public sealed record CreateDeploymentInput(string Name, string Image, string? Title = null, ConfigurationInput? Configuration = null);

/// <summary>A change of a deployment; what is left out stays. Another image or configuration makes a new revision.</summary>
/// <param name="Name">Which deployment.</param>
/// <param name="Title">What people call it, up to 200 characters.</param>
/// <param name="Image">The image.</param>
/// <param name="Configuration">What is wanted of the configuration.</param>
/// <param name="ExpectedRevision">The revision that the caller saw: another one in force is told as a conflict.</param>
public sealed record UpdateDeploymentInput(
    string Name,
    string? Title = null,
    string? Image = null,
    ConfigurationInput? Configuration = null,
    int? ExpectedRevision = null
);

/// <summary>What is wanted of a configuration; what is left out stays as it is.</summary>
/// <param name="Pods">How many pods: <c>min-max</c>, each 0 to 100, as in <c>0-3</c>.</param>
/// <param name="Cpu">Processor cores of a pod, 0.01 to 1024; 0 for no bound.</param>
/// <param name="MemoryBytes">Memory of a pod in bytes, 1 MiB to 64 TiB; 0 for no bound.</param>
/// <param name="Gpu">Graphics processors of a pod, 0 to 64.</param>
/// <param name="Concurrency">Requests that a pod works on at once, 1 to 100,000; 0 for no bound.</param>
/// <param name="StartupTimeout">How long a pod may take to become ready, 1 s to 1 h.</param>
/// <param name="QueueTimeout">How long a synchronous request may wait for a pod, 1 s to 1 h.</param>
/// <param name="QueueLength">How many synchronous requests may wait at once in one gateway, 0 to 100,000.</param>
/// <param name="RequestTimeout">How long a synchronous request may take as a whole once a pod has it, 1 s to 24 h; 0 for no bound.</param>
/// <param name="IdleTimeout">How long without requests before pods above the minimum are removed, 1 s to 24 h.</param>
/// <param name="TerminationGracePeriod">How long a pod has to end once it is asked to, and before that to finish its requests when the deployment is stopped or deleted, 0 s to 1 h.</param>
/// <param name="Environment">All environment variables of the serving script, at most 200.</param>
/// <param name="FirstByteTimeout">How long the first byte of a pod's answer may take, from the last byte of the request that has moved, 1 s to 24 h.</param>
/// <param name="StreamIdleTimeout">How long a stream may be silent in both directions once its answer has begun, 1 s to 24 h.</param>
/// <param name="DrainTimeout">How long a pod of an earlier revision may take to finish its requests before it is asked to end, 0 s to 7 days.</param>
/// <param name="TargetConcurrency">Requests at once that the autoscaler wants a pod to have on average, 0.1 to 100,000; 0 for the concurrency, and for 100 where that has no bound.</param>
/// <param name="ScaleDownDelay">How long fewer pods must have been enough before one is taken away, 0 s to 1 h.</param>
/// <param name="RequestsPerSecond">Requests for each second that one gateway lets through on average, 0.01 to 1,000,000; 0 for no bound.</param>
/// <param name="RequestBurst">Requests that may come at once above that rate, 1 to 1,000,000; 0 for one second's worth.</param>
/// <param name="CorsOrigins">Web origins whose pages may call the deployment, as in <c>https://app.example.com</c>, or <c>*</c> for all; at most 50.</param>
/// <param name="MaxRequestBytes">The longest body of a synchronous request in bytes, 1 to 1 TiB; 0 for no bound.</param>
/// <param name="AsyncQueueLength">How many asynchronous calls there may be that have not ended, 0 to 10,000,000.</param>
/// <param name="AsyncQueueBytes">How long the bodies of their requests may be together, in bytes, 0 to 16 TiB.</param>
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
            // Said twice, the last one counts, as in a shell.
            Environment = Environment?.GroupBy(v => v.Name).ToDictionary(g => g.Key, g => g.Last().Value),
        };
}

/// <summary>One environment variable.</summary>
/// <param name="Name">Its name: A-Z, a-z, 0-9 and _, the first no digit.</param>
/// <param name="Value">Its value, up to 32,768 characters.</param>
public sealed record EnvironmentVariableInput(string Name, string Value);

/// <summary>Which deployments.</summary>
/// <param name="Search">A part of the name or the title, without regard to case, up to 100 characters.</param>
/// <param name="Statuses">Any of these. Deleted ones are listed only where they are named here.</param>
/// <param name="HasAlerts">Those of which an alert fires, or those of which none does.</param>
public sealed record DeploymentFilterInput(
    [property: StringLength(100)] string? Search = null,
    IReadOnlyList<DeploymentStatus>? Statuses = null,
    bool? HasAlerts = null
);
