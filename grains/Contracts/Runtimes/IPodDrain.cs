namespace DeployCard.Contracts.Runtimes;

/// <summary>
/// Drain of the pods that end with their silo. The host calls it before the silo of a cluster stops, while the silo still accepts requests.
/// A runtime whose pods outlive the silos registers none.
/// </summary>
public interface IPodDrain
{
    /// <summary>
    /// Drains this silo: rejects new pods and waits while deployments replace the existing pods on other silos. A pod serves until its
    /// replacement is ready, then finishes its requests and ends. Returns when no pod is left, when <paramref name="timeout"/> has elapsed,
    /// or as soon as no other silo accepts pods. Throws only if <paramref name="cancellationToken"/> is canceled.
    /// </summary>
    Task Drain(TimeSpan timeout, CancellationToken cancellationToken);
}
