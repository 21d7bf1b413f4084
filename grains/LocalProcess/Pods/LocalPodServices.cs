using DeployCard.Common.Retry;
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

    /// <summary>
    /// Delays before a failed pod is restarted: 1 s, 2 s, 4 s … 60 s by default. The jitter shortens them by up to 20 %, so that pods that
    /// failed together do not restart together.
    /// </summary>
    public Backoff RestartBackoff =>
        Backoff.Exponential(Options.InitialRestartBackoff, Options.MaxRestartBackoff, jitter: Jitter.Shorten(0.2));

    /// <summary>Sessions of the pods' running processes.</summary>
    public PodSessions Sessions { get; } = new();
}
