namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>The pods of this server, for its shutdown.</summary>
public interface ILocalPods
{
    /// <summary>
    /// Ends all pods at once and takes no more: each is asked to end, has <paramref name="grace"/> to do so, and is killed then.
    /// Returns when all have ended.
    /// </summary>
    Task StopAll(TimeSpan grace, CancellationToken cancellationToken);
}
