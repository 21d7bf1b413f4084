using System.Collections.Concurrent;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.Kubernetes;
using DeployCard.Tests.Support;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>When a pod that was refused is tried again.</summary>
public sealed class RefusedPodsTests : IDisposable
{
    private readonly LeapingTime time = new(TimeProvider.System.GetUtcNow());
    private readonly SaidLines said = new();
    private readonly PodTable table;
    private readonly RefusedPods refused;
    private readonly ConcurrentQueue<DateTimeOffset> tries = new();
    private readonly CancellationTokenSource end = new();
    private readonly Task watching;

    public RefusedPodsTests()
    {
        using var logging = LoggerFactory.Create(builder => builder.AddProvider(said));
        table = new(time);
        table.Replace([]);
        refused = new(
            table,
            Options.Create(new KubernetesOptions()),
            new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance),
            time,
            logging.CreateLogger<RefusedPods>()
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
    public async Task The_pauses_grow_to_five_minutes_and_the_same_reason_is_told_once()
    {
        var pod = KubernetesHost.Pod();
        refused.Keep(pod, Quota(), Refuse);
        for (var tried = 1; tried <= 10; tried++)
        {
            await KubernetesHost.Until(() => time.Timers == 1, "it waits");
            (await Shown(pod))
                .NextStartAt.ShouldNotBeNull()
                .ShouldBe(time.GetUtcNow() + TimeSpan.FromSeconds(Math.Min(300, Math.Pow(2, tried))), TimeSpan.FromSeconds(1));
            time.Advance(TimeSpan.FromMinutes(5));
            await KubernetesHost.Until(() => tries.Count == tried, "it is tried");
        }

        said.Count("exceeded quota").ShouldBe(1);
        refused.Drop(pod.Name);
    }

    [Fact]
    public async Task One_that_is_stopped_is_tried_no_more()
    {
        var pod = KubernetesHost.Pod();
        refused.Keep(pod, Quota(), Refuse);
        await KubernetesHost.Until(() => time.Timers == 1, "it waits");

        refused.Drop(pod.Name).ShouldNotBeNull().Reason.ShouldBe(PodReasons.QuotaExceeded);
        // By it alone it would be tried again.
        await KubernetesHost.Until(() => time.Timers == 0, "it waits no more");
        tries.ShouldBeEmpty();
    }

    [Fact]
    public async Task While_the_server_is_away_the_reason_stays()
    {
        var pod = KubernetesHost.Pod();
        refused.Keep(
            pod,
            Quota(),
            _ =>
            {
                tries.Enqueue(time.GetUtcNow());
                throw new HttpRequestException("connection refused");
            }
        );
        await KubernetesHost.Until(() => time.Timers == 1, "it waits");
        time.Advance(TimeSpan.FromMinutes(5));
        await KubernetesHost.Until(() => tries.Count == 1 && time.Timers == 1, "it is tried, and waits again");

        (await Shown(pod)).Reason.ShouldBe(PodReasons.QuotaExceeded);
        refused.Drop(pod.Name);
    }

    private static PodRefusedException Quota() => new(PodReasons.QuotaExceeded, "exceeded quota: models");

    private Task Refuse(CancellationToken cancellationToken)
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

    /// <summary>Its grain: without it nobody wants the pod.</summary>
    private async Task Watch()
    {
        await foreach (var pods in table.Watch(KubernetesHost.Iris, end.Token))
            pods.ShouldNotBeNull();
    }
}
