using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>
/// Keeps the table of pods as the API server has it: one list, then a watch from its version on. A watch that ends is taken up where it ended; a version that
/// is too old, and the period of re-listing, bring a new list. While the server is away the table stays as it was, and everything goes on with that.
/// </summary>
internal sealed partial class PodInformer(
    PodApi api, PodTable table, IOptions<KubernetesOptions> options, Random random, TimeProvider time, ILogger<PodInformer> logger) : BackgroundService
{
    // One that ends sooner has brought nothing: asked for again at once, it would go on like that for ever.
    private static readonly TimeSpan ShortWatch = TimeSpan.FromSeconds(1);

    // The server ends a watch by itself; one that is silent beyond that has lost its connection.
    private static readonly TimeSpan EndDelay = TimeSpan.FromSeconds(15);

    private string? version;
    private long listedAt;
    private int failures;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListAndWatch(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                await Pause(e, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ListAndWatch(CancellationToken cancellationToken)
    {
        if (version is null || time.GetElapsedTime(listedAt) >= options.Value.RelistPeriod)
        {
            var (pods, listed) = await api.List(cancellationToken);
            table.Replace(pods);
            (version, listedAt) = (listed, time.GetTimestamp());
            Answered();
        }

        var started = time.GetTimestamp();
        await Watch(options.Value.RelistPeriod - time.GetElapsedTime(listedAt), cancellationToken);
        if (time.GetElapsedTime(started) < ShortWatch && time.GetElapsedTime(listedAt) < options.Value.RelistPeriod)
            await Task.Delay(RetryPause.After(1, random.NextDouble(), options.Value.RetryPause, options.Value.LongestRetryPause), time, cancellationToken);
    }

    private async Task Watch(TimeSpan limit, CancellationToken cancellationToken)
    {
        limit = limit > ShortWatch ? limit : ShortWatch;
        using var silence = new CancellationTokenSource(limit + EndDelay, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            await foreach (var (type, pod) in api.Watch(version!, limit, end.Token))
            {
                Answered();
                Take(type, pod);
                version = pod.Metadata.ResourceVersion;
            }
        }
        catch (Exception e) when (IsTooOld(e))
        {
            LogTooOld(logger, version!);
            version = null;
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            version = null;
        }
    }

    private void Take(WatchEventType type, V1Pod pod)
    {
        // One that lost our labels is told as deleted, and is ours no more either way.
        if (type is WatchEventType.Deleted)
            table.Remove(pod);
        else if (type is not WatchEventType.Bookmark && api.IsOurs(pod))
            table.Put(pod);
    }

    private async Task Pause(Exception e, CancellationToken cancellationToken)
    {
        failures++;
        var pause = RetryPause.After(failures, random.NextDouble(), options.Value.RetryPause, options.Value.LongestRetryPause);
        if (failures == 1)
            LogAway(logger, e);
        await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Answered()
    {
        if (failures > 0)
            LogBack(logger, failures);
        failures = 0;
    }

    private static bool IsTooOld(Exception e) =>
        e is KubernetesException { Status.Code: (int)HttpStatusCode.Gone } or HttpOperationException { Response.StatusCode: HttpStatusCode.Gone };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The Kubernetes API server does not answer as it should; pods that run go on, and what was decided is carried out when it is back")]
    private static partial void LogAway(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The Kubernetes API server answers again, after {Failures} failures")]
    private static partial void LogBack(ILogger logger, int failures);

    [LoggerMessage(Level = LogLevel.Information, Message = "Version {Version} of the pods is too old for a watch: they are listed anew")]
    private static partial void LogTooOld(ILogger logger, string version);
}
