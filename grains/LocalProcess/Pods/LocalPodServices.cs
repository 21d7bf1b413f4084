using DeployCard.LocalProcess.Images;
using DeployCard.LocalProcess.Readiness;
using DeployCard.LocalProcess.Settings;
using Microsoft.Extensions.Options;

namespace DeployCard.LocalProcess.Pods;

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
