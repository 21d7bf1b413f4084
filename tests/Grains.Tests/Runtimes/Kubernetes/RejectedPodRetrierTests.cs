using System.Collections.Concurrent;
using DeployCard.Contracts.Pods;
using DeployCard.Kubernetes.Pods;
using DeployCard.Kubernetes.Settings;
using DeployCard.Tests.Support;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>Retries of pods that Kubernetes rejected.</summary>
public sealed class RejectedPodRetrierTests : IDisposable
{
    private readonly AdvanceableTime time = new(TimeProvider.System.GetUtcNow());
    private readonly RecordedLogMessages said = new();
    private readonly PodTable table;
    private readonly RejectedPodRetrier retrier;
    private readonly ConcurrentQueue<DateTimeOffset> tries = new();
    private readonly CancellationTokenSource end = new();
    private readonly Task watching;

    public RejectedPodRetrierTests()
    {
        using var logging = LoggerFactory.Create(builder => builder.AddProvider(said));
        table = new(time);
        table.Replace([]);
        retrier = new(
            table,
            Options.Create(new KubernetesOptions()),
            new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance),
            time,
            logging.CreateLogger<RejectedPodRetrier>()
        );
        watching = Watch();
    }

    public void Dispose()
    {
        end.Cancel();
        end.Dispose();
        said.Dispose();
    }

    [Fact]
    public async Task Backoff_grows_to_five_minutes_and_the_same_reason_is_logged_once()
    {
        var pod = KubernetesHost.CreateSpec();
        retrier.Add(pod, Quota(), Reject);
        for (var tried = 1; tried <= 10; tried++)
        {
            await KubernetesHost.WaitUntil(() => time.TimerCount == 1, "the retry waits");
            (await Shown(pod))
                .NextStartAt.ShouldNotBeNull()
                .ShouldBe(time.GetUtcNow() + TimeSpan.FromSeconds(Math.Min(300, Math.Pow(2, tried))), TimeSpan.FromSeconds(1));
            time.Advance(TimeSpan.FromMinutes(5));
            await KubernetesHost.WaitUntil(() => tries.Count == tried, "the retry ran");
        }

        said.Count("exceeded quota").ShouldBe(1);
        retrier.Remove(pod.Name);
    }

    [Fact]
    public async Task Stopped_pod_is_not_retried()
    {
        var pod = KubernetesHost.CreateSpec();
        retrier.Add(pod, Quota(), Reject);
        await KubernetesHost.WaitUntil(() => time.TimerCount == 1, "the retry waits");

        retrier.Remove(pod.Name).ShouldNotBeNull().Reason.ShouldBe(PodReasons.QuotaExceeded);
        // No timer means that no retry can follow.
        await KubernetesHost.WaitUntil(() => time.TimerCount == 0, "the timer is canceled");
        tries.ShouldBeEmpty();
    }

    [Fact]
    public async Task Reason_is_kept_while_the_API_server_is_unavailable()
    {
        var pod = KubernetesHost.CreateSpec();
        retrier.Add(
            pod,
            Quota(),
            _ =>
            {
                tries.Enqueue(time.GetUtcNow());
                throw new HttpRequestException("connection refused");
            }
        );
        await KubernetesHost.WaitUntil(() => time.TimerCount == 1, "the retry waits");
        time.Advance(TimeSpan.FromMinutes(5));
        await KubernetesHost.WaitUntil(() => tries.Count == 1 && time.TimerCount == 1, "the retry ran, and the next one waits");

        (await Shown(pod)).Reason.ShouldBe(PodReasons.QuotaExceeded);
        retrier.Remove(pod.Name);
    }

    private static PodRejectedException Quota() => new(PodReasons.QuotaExceeded, "exceeded quota: models");

    private Task Reject(CancellationToken cancellationToken)
    {
        tries.Enqueue(time.GetUtcNow());
        throw Quota();
    }

    private async Task<PodObservation> Shown(PodSpec pod)
    {
        await foreach (var pods in table.Watch(KubernetesHost.Iris, TestContext.Current.CancellationToken))
        {
            if (pods.FirstOrDefault(seen => seen.Name == pod.Name) is { } seen)
                return seen;
        }

        throw new InvalidOperationException("The watch ended.");
    }

    /// <summary>Watches the deployment as its grain does. Without a watch, the pod is not retried.</summary>
    private async Task Watch()
    {
        await foreach (var pods in table.Watch(KubernetesHost.Iris, end.Token))
            pods.ShouldNotBeNull();
    }
}
