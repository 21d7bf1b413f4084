using DeployCard.Grains.Runtimes.LocalProcess.Images;
using DeployCard.Grains.Runtimes.LocalProcess.Readiness;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>What every pod works with.</summary>
internal sealed record PodTools(
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

    /// <summary>The sessions of the pods' processes.</summary>
    public PodSessions Sessions { get; } = new();
}
