using System.Collections.Concurrent;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;
using Microsoft.Extensions.Hosting;

namespace DeployCard.Grains.Logs;

/// <summary>Carries what pods write from the runtime of this silo to the log grains, as many lines at once as have come.</summary>
internal sealed partial class PodLogPump(IPodRuntime runtime, IGrainFactory grains, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<PodLogPump> logger)
{
    private const int MostAtOnce = 200;
    private const int Tries = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<PodName, Task> following = new();

    /// <summary>Follows a pod until it has ended; following it once more changes nothing.</summary>
    public void Follow(PodSpec pod) => _ = following.GetOrAdd(pod.Name, _ => Task.Run(() => Pump(pod)));

    /// <summary>Ends when all that the pod wrote has been carried.</summary>
    public Task WhenDone(PodName pod) => following.GetValueOrDefault(pod) ?? Task.CompletedTask;

    private async Task Pump(PodSpec pod)
    {
        var stopping = lifetime.ApplicationStopped;
        try
        {
            var batch = new List<PodLogLine>();
            await using var lines = runtime.Logs(pod.Name, stopping).GetAsyncEnumerator(stopping);
            while (true)
            {
                var next = lines.MoveNextAsync();
                if (batch.Count == MostAtOnce || (batch.Count > 0 && !next.IsCompleted))
                {
                    await Send(pod, batch, stopping);
                    batch = [];
                }

                if (!await next)
                    break;
                batch.Add(lines.Current);
            }

            if (batch.Count > 0)
                await Send(pod, batch, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The silo ends, and its pods' output with it.
        }
        catch (Exception e)
        {
            LogLost(logger, e, pod.Name, pod.Deployment);
        }
        finally
        {
            following.TryRemove(pod.Name, out _);
        }
    }

    private async Task Send(PodSpec pod, List<PodLogLine> batch, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await grains.GetGrain<ILogGrain>(pod.Deployment.Value).Append(pod.Name, batch);
                return;
            }
            catch (Exception e) when (attempt < Tries && e is OrleansException or TimeoutException)
            {
                await Task.Delay(Pause * attempt, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The log of pod {Pod} of deployment {Deployment} broke off")]
    private static partial void LogLost(ILogger logger, Exception exception, PodName pod, Deployments.DeploymentName deployment);
}
