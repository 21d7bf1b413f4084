using System.Collections.Concurrent;
using DeployCard.Grains.Pods;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>
/// Pods that the platform did not take: shown as failed, and tried again with pauses that grow, until one is taken or stopped, or until nobody here
/// watches its deployment any more. They are of this silo only; who takes the deployment up elsewhere starts others.
/// </summary>
internal sealed partial class RefusedPods(
    PodTable table,
    IOptions<KubernetesOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<RefusedPods> logger
)
{
    // Sooner it is of no use: somebody has to change a quota, a rule or the deployment first.
    private const int SlowerThanErrors = 4;
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<PodName, CancellationTokenSource> kept = new();

    /// <summary>Keeps a pod that was refused, and tries to have it made.</summary>
    public void Keep(PodSpec pod, PodRefusedException refusal, Func<CancellationToken, Task> make)
    {
        var end = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        if (kept.TryAdd(pod.Name, end))
            _ = Task.Run(() => TryAgain(pod, refusal, make, end.Token), CancellationToken.None);
        else
            end.Dispose();
    }

    /// <summary>Tries one no more; null where it was none of these.</summary>
    public PodObservation? Drop(PodName pod)
    {
        if (kept.TryRemove(pod, out var end))
        {
            end.Cancel();
            end.Dispose();
        }

        return table.Forget(pod);
    }

    private async Task TryAgain(PodSpec pod, PodRefusedException refusal, Func<CancellationToken, Task> make, CancellationToken end)
    {
        var created = time.GetUtcNow();
        var told = "";
        try
        {
            for (var tries = 1; ; tries++)
            {
                var pause = RetryPause.After(tries, 0, options.Value.InitialBackoff * SlowerThanErrors, LongestPause);
                if (refusal.Message != told)
                    LogRefused(logger, pod.Name, pod.Deployment, told = refusal.Message);
                table.Refuse(Failed(pod, refusal, created, time.GetUtcNow() + pause));
                // Dropped in between, it would be shown for ever.
                if (end.IsCancellationRequested)
                    table.Forget(pod.Name);
                await Task.Delay(pause, time, end);
                if (!table.IsWatched(pod.Deployment))
                    break;
                if (await Make(make, refusal, end) is not { } again)
                    return;
                refusal = again;
            }

            Drop(pod.Name);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // It was stopped, or the silo ends.
        }
        finally
        {
            // Made, it is shown as failed until the watch has told it.
            if (kept.TryRemove(pod.Name, out var own))
                own.Dispose();
        }
    }

    /// <summary>Why it was refused again; null once it was made.</summary>
    private static async Task<PodRefusedException?> Make(
        Func<CancellationToken, Task> make,
        PodRefusedException before,
        CancellationToken end
    )
    {
        try
        {
            await make(end);
            return null;
        }
        catch (PodRefusedException e)
        {
            return e;
        }
        catch (Exception) when (!end.IsCancellationRequested)
        {
            // The server is away, as the informer tells. What it said last still holds.
            return before;
        }
    }

    private static PodObservation Failed(PodSpec pod, PodRefusedException refusal, DateTimeOffset created, DateTimeOffset next) =>
        new()
        {
            Name = pod.Name,
            Deployment = pod.Deployment,
            Revision = pod.Revision,
            Phase = PodPhase.Failed,
            CreatedAt = created,
            Reason = refusal.Reason,
            Message = refusal.Message,
            NextStartAt = next,
        };

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Pod {Pod} of deployment {Deployment} was not taken; it is tried again with pauses up to five minutes: {Why}"
    )]
    private static partial void LogRefused(ILogger logger, PodName pod, Deployments.DeploymentName deployment, string why);
}
