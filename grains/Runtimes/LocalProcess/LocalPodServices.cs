using DeployCard.Grains.Runtimes.LocalProcess.Images;
using DeployCard.Grains.Runtimes.LocalProcess.Readiness;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>Services and settings shared by all pods of this silo.</summary>
internal sealed record LocalPodServices(
    IOptions<LocalProcessOptions> Settings,
    ImageFolders Images,
    FreePorts Ports,
    ReadinessProbe Probe,
    TimeProvider Clock,
    Random Random,
    ILogger<LocalPod> Logger
)
{
    public LocalProcessOptions Options => Settings.Value;

    /// <summary>Sessions of the pods' running processes.</summary>
    public PodSessions Sessions { get; } = new();
}
