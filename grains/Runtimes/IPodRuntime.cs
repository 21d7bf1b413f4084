using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;

namespace DeployCard.Grains.Runtimes;

/// <summary>
/// What runs pods. It decides nothing about how many there are; it keeps those that it was given running until they are stopped, and has all that
/// they write, restarts included, carried to their log (<see cref="Logs.IPodLogPump"/>).
/// </summary>
public interface IPodRuntime
{
    /// <summary>
    /// Whether it ends all that it runs and takes nothing more, because what it runs on shuts down: then nothing follows from pods that are not there.
    /// </summary>
    bool IsEnding { get; }

    /// <summary>
    /// Takes a pod up, within a few seconds. It returns once the pod is taken, not once it is ready; a name that is known already changes nothing.
    /// Where it throws the pod may come up all the same: the next try has another name, and what is one too many then is seen by who watches.
    /// </summary>
    Task Start(PodSpec pod, CancellationToken cancellationToken);

    /// <summary>
    /// Ends a pod: it is asked to end, has <paramref name="grace"/> to do so, and is killed with all its processes then.
    /// Who asks once more waits too, and can only shorten the grace.
    /// Returns when it has ended and its last line was carried to its log, with the last that is known of it; null when there is no such pod.
    /// </summary>
    Task<PodObservation?> Stop(PodName pod, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>
    /// All pods of a deployment, at once as they are now and again after each change. Who reads slowly misses steps between, never the newest.
    /// </summary>
    IAsyncEnumerable<IReadOnlyList<PodObservation>> Watch(DeploymentName deployment, CancellationToken cancellationToken);
}
