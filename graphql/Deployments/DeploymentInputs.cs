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
    string Name, string? Title = null, string? Image = null, ConfigurationInput? Configuration = null, int? ExpectedRevision = null);

/// <summary>What is wanted of a configuration; what is left out stays as it is.</summary>
/// <param name="Pods">How many pods: <c>min-max</c>, each 0 to 100, as in <c>0-3</c>.</param>
/// <param name="Cpu">Processor cores of a pod, 0.01 to 1024; 0 for no bound.</param>
/// <param name="MemoryBytes">Memory of a pod in bytes, 1 MiB to 64 TiB; 0 for no bound.</param>
/// <param name="Gpu">Graphics processors of a pod, 0 to 64.</param>
/// <param name="Concurrency">Requests that a pod works on at once, 1 to 100,000; 0 for no bound.</param>
/// <param name="StartupTimeout">How long a pod may take to become ready, 1 s to 1 h.</param>
/// <param name="QueueTimeout">How long a synchronous request may wait for a pod, 1 s to 1 h.</param>
/// <param name="QueueLength">How many synchronous requests may wait at once in one gateway, 0 to 100,000.</param>
/// <param name="RequestTimeout">How long a synchronous request may take once a pod has it, 1 s to 24 h.</param>
/// <param name="IdleTimeout">How long without requests before pods above the minimum are removed, 1 s to 24 h.</param>
/// <param name="StopGrace">How long a pod has to finish its requests and to end, 0 s to 1 h.</param>
/// <param name="Environment">All environment variables of the serving script, at most 200.</param>
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
    TimeSpan? StopGrace = null,
    IReadOnlyList<EnvironmentVariableInput>? Environment = null)
{
    internal ConfigurationSpec ToSpec() => new()
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
        StopGrace = StopGrace,
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
public sealed record DeploymentFilterInput([property: StringLength(100)] string? Search = null, IReadOnlyList<DeploymentStatus>? Statuses = null);
