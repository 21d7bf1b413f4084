using System.Collections.Concurrent;
using DeployCard.Common.Retry;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Kubernetes.Settings;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Kubernetes.Pods;

/// <summary>
/// Pods that Kubernetes rejected. Each is shown as failed and retried with exponential backoff until Kubernetes accepts it, the pod is
/// stopped, or the grain of its deployment no longer runs on this silo. A silo that activates the grain later starts other pods.
/// </summary>
internal sealed partial class RejectedPodRetrier(
    PodTable table,
    IOptions<KubernetesOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<RejectedPodRetrier> logger
)
{
    private readonly ConcurrentDictionary<PodName, CancellationTokenSource> retries = new();

    // Faster retries are of no use: an administrator has to change a quota, a policy or the deployment first.
    private Backoff Backoff => Backoff.Exponential(options.Value.InitialBackoff * 4, TimeSpan.FromMinutes(5));

    /// <summary>
    /// Shows a rejected pod as failed and retries to create it in the background; does nothing if the pod is already retried.
    /// </summary>
    /// <param name="pod">The spec of the rejected pod.</param>
    /// <param name="rejection">The reason of the rejection.</param>
    /// <param name="create">Creates the pod; throws <see cref="PodRejectedException"/> if it is rejected again.</param>
    public void Add(PodSpec pod, PodRejectedException rejection, Func<CancellationToken, Task> create)
    {
        var end = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        if (retries.TryAdd(pod.Name, end))
            _ = Task.Run(() => Retry(pod, rejection, create, end.Token), CancellationToken.None);
        else
            end.Dispose();
    }

    /// <summary>Stops retrying a pod. Returns its last observation; null if the pod was not being retried.</summary>
    public PodObservation? Remove(PodName pod)
    {
        if (retries.TryRemove(pod, out var end))
        {
            end.Cancel();
            end.Dispose();
        }

        return table.RemoveRejected(pod);
    }

    private async Task Retry(PodSpec pod, PodRejectedException rejection, Func<CancellationToken, Task> make, CancellationToken end)
    {
        var created = time.GetUtcNow();
        var logged = "";
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var delay = Backoff.DelayAfter(attempt);
                if (rejection.Message != logged)
                    LogPodRejected(logger, pod.Name, pod.Deployment, logged = rejection.Message);
                table.AddRejected(Failed(pod, rejection, created, time.GetUtcNow() + delay));
                // The pod may have been dropped after the last check; nothing else would remove it from the table.
                if (end.IsCancellationRequested)
                    table.RemoveRejected(pod.Name);
                await Task.Delay(delay, time, end);
                if (!table.IsWatched(pod.Deployment))
                    break;
                if (await TryCreate(make, rejection, end) is not { } next)
                    return;
                rejection = next;
            }

            Remove(pod.Name);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The pod was stopped, or the silo shuts down.
        }
        finally
        {
            // A created pod stays in the table as failed until the watch reports it.
            if (retries.TryRemove(pod.Name, out var own))
                own.Dispose();
        }
    }

    /// <summary>Tries to create the pod. Returns the new rejection; null if the pod was created.</summary>
    private static async Task<PodRejectedException?> TryCreate(
        Func<CancellationToken, Task> make,
        PodRejectedException before,
        CancellationToken end
    )
    {
        try
        {
            await make(end);
            return null;
        }
        catch (PodRejectedException e)
        {
            return e;
        }
        catch (Exception) when (!end.IsCancellationRequested)
        {
            // The API server is unavailable, which PodInformer logs. The last rejection stays valid.
            return before;
        }
    }

    private static PodObservation Failed(PodSpec pod, PodRejectedException rejection, DateTimeOffset created, DateTimeOffset next) =>
        new()
        {
            Name = pod.Name,
            Deployment = pod.Deployment,
            Revision = pod.Revision,
            Phase = PodPhase.Failed,
            CreatedAt = created,
            Reason = rejection.Reason,
            Message = rejection.Message,
            NextStartAt = next,
        };

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Creating pod {Pod} of deployment {Deployment} failed; it is retried with a backoff of up to five minutes: {Reason}"
    )]
    private static partial void LogPodRejected(ILogger logger, PodName pod, DeploymentName deployment, string reason);
}
