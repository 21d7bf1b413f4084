namespace DeployCard.Grains.Runtimes.LocalProcess;

/// <summary>The pods of this server, for its shutdown.</summary>
public interface ILocalPods
{
    /// <summary>
    /// Leaves: takes no more pods and lets those that there are go over to other servers. Each serves until another one is ready in its place, then
    /// finishes its requests and ends. Returns when none is left, when <paramref name="limit"/> is over, or when there is no other server to take
    /// them, which may be at once; <see cref="StopAll"/> ends what is left then. It throws only for <paramref name="cancellationToken"/>.
    /// </summary>
    Task Leave(TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>
    /// Ends all pods at once and takes no more: each is asked to end, has <paramref name="grace"/> to do so, and is killed then.
    /// Returns when all have ended.
    /// </summary>
    Task StopAll(TimeSpan grace, CancellationToken cancellationToken);
}
