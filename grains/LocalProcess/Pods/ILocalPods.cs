namespace DeployCard.LocalProcess.Pods;

/// <summary>Shuts down the pods that run on this silo.</summary>
public interface ILocalPods
{
    /// <summary>
    /// Drains this silo: rejects new pods and waits while deployments replace the existing pods on other silos. A pod serves until its
    /// replacement is ready, then finishes its requests and ends. Returns when no pod is left, when <paramref name="timeout"/> has elapsed,
    /// or as soon as no other silo accepts pods. <see cref="StopAll"/> then stops the remaining pods. Throws only if
    /// <paramref name="cancellationToken"/> is canceled.
    /// </summary>
    Task Drain(TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>
    /// Stops all pods concurrently and rejects new ones. Each pod gets SIGTERM and, after <paramref name="grace"/>, SIGKILL.
    /// Returns when all pods have ended.
    /// </summary>
    Task StopAll(TimeSpan grace, CancellationToken cancellationToken);
}
