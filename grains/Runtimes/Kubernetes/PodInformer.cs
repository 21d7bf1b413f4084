using System.Globalization;
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
    PodApi api,
    PodTable table,
    IOptions<KubernetesOptions> options,
    Random random,
    TimeProvider time,
    ILogger<PodInformer> logger
) : BackgroundService
{
    // One that ends sooner has brought nothing: asked for again at once, it would go on like that for ever.
    private static readonly TimeSpan ShortWatch = TimeSpan.FromSeconds(1);

    // So soon a connection that is dead without a word of it is noticed.
    private static readonly TimeSpan LongestWatch = TimeSpan.FromMinutes(1);

    // The server ends a watch by itself; one that is silent beyond that has lost its connection.
    private static readonly TimeSpan EndDelay = TimeSpan.FromSeconds(15);

    private readonly FailureNotice notice = new(time);
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
        if (version is null || time.GetElapsedTime(listedAt) >= options.Value.RelistInterval)
        {
            var (pods, listed) = await api.List(cancellationToken);
            table.Replace(pods);
            (version, listedAt) = (listed, time.GetTimestamp());
            Answered();
        }

        var started = time.GetTimestamp();
        await Watch(options.Value.RelistInterval - time.GetElapsedTime(listedAt), cancellationToken);
        if (time.GetElapsedTime(started) < ShortWatch && time.GetElapsedTime(listedAt) < options.Value.RelistInterval)
            await Task.Delay(
                RetryPause.After(1, random.NextDouble(), options.Value.InitialBackoff, options.Value.MaxBackoff),
                time,
                cancellationToken
            );
    }

    private async Task Watch(TimeSpan limit, CancellationToken cancellationToken)
    {
        limit =
            limit < ShortWatch ? ShortWatch
            : limit < LongestWatch ? limit
            : LongestWatch;
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
            // From here it goes on over another one.
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
        var pause = RetryPause.After(failures, random.NextDouble(), options.Value.InitialBackoff, options.Value.MaxBackoff);
        if (WantedPause(e) is { } wanted && wanted > pause)
            pause = wanted < options.Value.MaxBackoff ? wanted : options.Value.MaxBackoff;
        // A connection that breaks once is nothing to tell.
        if (failures > 1 && notice.Failed())
            LogAway(logger, failures, e.Message, e);
        await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Answered()
    {
        if (notice.Over() is > 0 and var told)
            LogBack(logger, told + 1);
        failures = 0;
    }

    /// <summary>How long a server that has too much to do wants to be left alone.</summary>
    private static TimeSpan? WantedPause(Exception e) =>
        e is HttpOperationException { Response: { Headers: { } headers } response }
        && response.StatusCode is (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
        && headers.TryGetValue("Retry-After", out var values)
        && double.TryParse(values.FirstOrDefault(), CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 3600))
            : null;

    private static bool IsTooOld(Exception e) =>
        e
            is KubernetesException { Status.Code: (int)HttpStatusCode.Gone }
                or HttpOperationException { Response.StatusCode: HttpStatusCode.Gone };

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The Kubernetes API server does not answer as it should ({Failures} times by now: {Why}); pods that run go on, and what was decided is carried out when it is back"
    )]
    private static partial void LogAway(ILogger logger, int failures, string why, Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "The Kubernetes API server answers again, after {Failures} failures")]
    private static partial void LogBack(ILogger logger, int failures);

    [LoggerMessage(Level = LogLevel.Information, Message = "Version {Version} of the pods is too old for a watch: they are listed anew")]
    private static partial void LogTooOld(ILogger logger, string version);
}
