using System.Globalization;
using System.Net;
using DeployCard.Common.Retry;
using DeployCard.Kubernetes.Settings;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Kubernetes.Pods;

/// <summary>
/// Keeps <see cref="PodTable"/> up to date: one list, then a watch from the version of the list. A watch that ends is resumed at its last
/// version. Pods are listed again if that version is too old, and at each relist interval. While the API server is unavailable, the table
/// stays unchanged.
/// </summary>
internal sealed partial class PodInformer(
    PodApi api,
    PodTable table,
    IOptions<KubernetesOptions> options,
    Random random,
    TimeProvider time,
    ILogger<PodInformer> logger
) : BackgroundService
{
    // A watch that ends sooner has probably returned no change; resuming it immediately could become a busy loop.
    private static readonly TimeSpan MinWatchTime = TimeSpan.FromSeconds(1);

    // Bounds the time until a dead connection is noticed.
    private static readonly TimeSpan MaxWatchTime = TimeSpan.FromMinutes(1);

    // The API server ends a watch after its time limit. If that does not happen in time, the connection is dead.
    private static readonly TimeSpan EndDelay = TimeSpan.FromSeconds(15);

    private readonly FailureLogThrottle notice = new(time);
    private string? version;
    private long listedAt;
    private int failures;

    // The jitter prevents that all silos repeat their requests at the same time.
    private Backoff Backoff => Backoff.Exponential(options.Value.InitialBackoff, options.Value.MaxBackoff, jitter: Jitter.Shorten(0.2));

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
                await WaitBeforeRetry(e, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ListAndWatch(CancellationToken cancellationToken)
    {
        if (version is null || time.GetElapsedTime(listedAt) >= options.Value.RelistInterval)
        {
            var (pods, listed) = await api.List(cancellationToken);
            table.Replace(pods);
            (version, listedAt) = (listed, time.GetTimestamp());
            RecordSuccess();
        }

        var started = time.GetTimestamp();
        await Watch(options.Value.RelistInterval - time.GetElapsedTime(listedAt), cancellationToken);
        if (time.GetElapsedTime(started) < MinWatchTime && time.GetElapsedTime(listedAt) < options.Value.RelistInterval)
            await Task.Delay(Backoff.DelayAfter(1, random), time, cancellationToken);
    }

    private async Task Watch(TimeSpan limit, CancellationToken cancellationToken)
    {
        limit =
            limit < MinWatchTime ? MinWatchTime
            : limit < MaxWatchTime ? limit
            : MaxWatchTime;
        using var timeout = new CancellationTokenSource(limit + EndDelay, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await foreach (var (type, pod) in api.Watch(version!, limit, end.Token))
            {
                RecordSuccess();
                Apply(type, pod);
                version = pod.Metadata.ResourceVersion;
            }
        }
        catch (Exception e) when (IsVersionExpired(e))
        {
            LogVersionExpired(logger, version!);
            version = null;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // The connection is dead; the next watch opens another one.
        }
    }

    private void Apply(WatchEventType type, V1Pod pod)
    {
        // A pod that loses the labels of DeployCard is reported as deleted, too.
        if (type is WatchEventType.Deleted)
            table.Remove(pod);
        else if (type is not WatchEventType.Bookmark && api.IsManaged(pod))
            table.Put(pod);
    }

    private async Task WaitBeforeRetry(Exception e, CancellationToken cancellationToken)
    {
        failures++;
        var delay = Backoff.DelayAfter(failures, random);
        if (RetryAfter(e) is { } requested && requested > delay)
            delay = requested < Backoff.Max ? requested : Backoff.Max;
        // A single failure is not worth a warning.
        if (failures > 1 && notice.ShouldLog())
            LogApiServerUnavailable(logger, failures, e.Message, e);
        await Task.Delay(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void RecordSuccess()
    {
        if (notice.Reset() is > 0 and var reported)
            LogApiServerRecovered(logger, reported + 1);
        failures = 0;
    }

    /// <summary>Returns the delay from the <c>Retry-After</c> header of an overloaded API server; null without that header.</summary>
    private static TimeSpan? RetryAfter(Exception e) =>
        e is HttpOperationException { Response: { Headers: { } headers } response }
        && response.StatusCode is (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
        && headers.TryGetValue("Retry-After", out var values)
        && double.TryParse(values.FirstOrDefault(), CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 3600))
            : null;

    private static bool IsVersionExpired(Exception e) =>
        e
            is KubernetesException { Status.Code: (int)HttpStatusCode.Gone }
                or HttpOperationException { Response.StatusCode: HttpStatusCode.Gone };

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The Kubernetes API server does not respond as expected ({Failures} consecutive failures: {Reason}); "
            + "running pods are not affected, and pending changes are retried"
    )]
    private static partial void LogApiServerUnavailable(ILogger logger, int failures, string reason, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The Kubernetes API server responds again after {Failures} failures")]
    private static partial void LogApiServerRecovered(ILogger logger, int failures);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Version {Version} of the pod list is too old to resume the watch; all pods are listed again"
    )]
    private static partial void LogVersionExpired(ILogger logger, string version);
}
