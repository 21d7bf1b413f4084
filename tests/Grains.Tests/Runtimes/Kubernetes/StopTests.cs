using System.Text.Json.Nodes;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using DeployCard.Tests.Support;
using DeployCard.Tests.Support.Kubernetes;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>Stopping of pods, deletion of orphans, and pods of other programs.</summary>
public sealed class StopTests : IAsyncLifetime
{
    private ApiServerDouble server = null!;

    public async ValueTask InitializeAsync() => server = await ApiServerDouble.Start();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Repeated_stop_waits_and_can_only_shorten_the_grace_period()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();
        var pod = await Ready(silo, watch);

        var first = silo.StopPod(pod, 60);
        await watch.WaitUntil(pod, PodPhase.Draining);
        var longer = silo.StopPod(pod, 3600);
        var shorter = silo.StopPod(pod, 5);
        await KubernetesHost.WaitUntil(() => Grace(pod) == 5, "the grace period is 5 s");
        (first.IsCompleted || longer.IsCompleted || shorter.IsCompleted).ShouldBeFalse();

        server.Node.FinishDeletion(pod.Name.Value);
        (await Task.WhenAll(first, longer, shorter)).ShouldAllBe(ended => ended!.Phase == PodPhase.Ended);
    }

    [Fact]
    public async Task Stop_detects_a_removal_that_the_watch_missed()
    {
        var clock = new AdvanceableTime(TimeProvider.System.GetUtcNow());
        await using var silo = await KubernetesHost.Start(server.KubeConfig, time: clock);
        await using var watch = silo.Watch();
        var pod = await Ready(silo, watch);
        var stopping = silo.StopPod(pod);
        await watch.WaitUntil(pod, PodPhase.Draining);

        server.Pods.SendsEvents = false;
        server.Node.FinishDeletion(pod.Name.Value);
        // The runtime polls the pod every few seconds, and then waits for the last lines of its log.
        await Eventually.Get(
            () => Task.FromResult(stopping.IsCompleted),
            done => done,
            TestContext.Current.CancellationToken,
            pause: Advance
        );

        (await stopping).ShouldNotBeNull().Phase.ShouldBe(PodPhase.Ended);

        Task Advance()
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Stop_of_an_unknown_pod_returns_null()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig);

        (await silo.StopPod(KubernetesHost.CreateSpec("iris-1-zzzzz"))).ShouldBeNull();
    }

    [Fact]
    public async Task Pod_of_another_program_is_not_seen_stopped_or_taken_over()
    {
        Plant("iris-1-other", installation: "other", manager: "deploycard");
        Plant("iris-1-copyd", installation: "deploycard", manager: "kubectl");
        var before = server.Pods.Version;
        await using var silo = await KubernetesHost.Start(
            server.KubeConfig,
            options => (options.OrphanSweepInterval, options.MinOrphanAge) = (TimeSpan.FromSeconds(1), TimeSpan.Zero)
        );
        await using var watch = silo.Watch();
        await KubernetesHost.WaitUntil(() => watch.Last is { Count: 0 }, "the first list, without pods of DeployCard");

        (await silo.StopPod(KubernetesHost.CreateSpec("iris-1-other"))).ShouldBeNull();
        (await silo.StopPod(KubernetesHost.CreateSpec("iris-1-copyd"))).ShouldBeNull();
        var taken = await silo.StartPod(KubernetesHost.CreateSpec("iris-1-copyd"));
        (await watch.WaitUntil(taken, PodPhase.Failed)).Message!.ShouldContain("owned by another manager");

        // The sweep that deletes the orphaned pod of DeployCard began after all of the above.
        await silo.StartPod(KubernetesHost.CreateSpec("lost-1-aaaaa", deployment: DeploymentName.Parse("lost")));
        await KubernetesHost.WaitUntil(() => server.Pods.Find("lost-1-aaaaa") is null, "the sweep");
        server.Pods.Version.ShouldBe(before + 2);
        server.Pods.All.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Sweep_deletes_only_the_pods_of_missing_and_idle_deployments()
    {
        var deployments = new DeploymentsDouble();
        deployments.Views["idle"] = View("idle", DeploymentStatus.Idle);
        deployments.Views["awake"] = View("awake", DeploymentStatus.Starting) with { DesiredPods = 1 };
        await using var silo = await KubernetesHost.Start(
            server.KubeConfig,
            options => (options.OrphanSweepInterval, options.MinOrphanAge) = (TimeSpan.FromSeconds(1), TimeSpan.Zero),
            deployments: deployments
        );
        await using var watch = silo.Watch();
        foreach (var name in new[] { "gone", "idle", "awake", "iris" })
            await silo.StartPod(KubernetesHost.CreateSpec($"{name}-1-aaaaa", deployment: DeploymentName.Parse(name)));

        await KubernetesHost.WaitUntil(() => server.Pods.All.Count == 2, "the sweep");
        await silo.StartPod(KubernetesHost.CreateSpec("gone-1-bbbbb", deployment: DeploymentName.Parse("gone")));
        await KubernetesHost.WaitUntil(() => server.Pods.Find("gone-1-bbbbb") is null, "another sweep");
        server.Pods.All.Select(pod => (string?)pod["metadata"]!["name"]).ShouldBe(["awake-1-aaaaa", "iris-1-aaaaa"]);
    }

    [Fact]
    public async Task Pod_below_the_minimum_orphan_age_is_not_deleted()
    {
        await using var silo = await KubernetesHost.Start(
            server.KubeConfig,
            options => (options.OrphanSweepInterval, options.MinOrphanAge) = (TimeSpan.FromSeconds(1), TimeSpan.FromHours(1))
        );
        await using var watch = silo.Watch();
        Plant("old-1-aaaaa", "deploycard", "deploycard", deployment: "old", created: "2020-01-01T00:00:00Z");
        await silo.StartPod(KubernetesHost.CreateSpec("young-1-aaaaa", deployment: DeploymentName.Parse("young")));

        await KubernetesHost.WaitUntil(() => server.Pods.Find("old-1-aaaaa") is null, "the sweep");
        server.Pods.Find("young-1-aaaaa").ShouldNotBeNull();
    }

    private async Task<PodSpec> Ready(KubernetesHost silo, PodWatch watch)
    {
        var pod = await silo.StartPod();
        server.Node.RunReady(pod.Name.Value);
        await watch.WaitUntil(pod, PodPhase.Ready);
        return pod;
    }

    private long? Grace(PodSpec pod) => (long?)server.Pods.Find(pod.Name.Value)?["metadata"]?["deletionGracePeriodSeconds"];

    private void Plant(string name, string installation, string manager, string deployment = "iris", string? created = null) =>
        server.Pods.InsertRaw(
            new()
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Pod",
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["uid"] = $"{Guid.NewGuid()}",
                    ["creationTimestamp"] = created ?? PodStore.Now(),
                    ["labels"] = new JsonObject
                    {
                        ["app.kubernetes.io/managed-by"] = "deploycard",
                        ["deploycard.io/installation"] = installation,
                        ["deploycard.io/deployment"] = deployment,
                        ["deploycard.io/revision"] = "1",
                    },
                    ["managedFields"] = new JsonArray(new JsonObject { ["manager"] = manager, ["operation"] = "Apply" }),
                },
                ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "serving", ["image"] = "iris" }) },
                ["status"] = new JsonObject { ["phase"] = "Pending" },
            }
        );

    private static DeploymentView View(string name, DeploymentStatus status) =>
        new()
        {
            Name = DeploymentName.Parse(name),
            Title = name,
            Status = status,
            CreatedAt = default,
            CreatedBy = "anna",
            UpdatedAt = default,
            Revisions = [],
            Pods = [],
            DesiredPods = 0,
            ScalingReason = "",
            ScalingDecidedAt = default,
            WebhookSecrets = [],
        };
}
