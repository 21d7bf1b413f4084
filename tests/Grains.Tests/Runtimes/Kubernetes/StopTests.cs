using System.Text.Json.Nodes;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using DeployCard.Tests.Support.Kubernetes;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>What is ended, and what is never touched.</summary>
public sealed class StopTests : IAsyncLifetime
{
    private ApiServerDouble server = null!;

    public async ValueTask InitializeAsync() => server = await ApiServerDouble.Start();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Who_asks_once_more_waits_too_and_can_only_shorten_the_grace()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();
        var pod = await Ready(silo, watch);

        var first = silo.Stop(pod, 60);
        await watch.Until(pod, PodPhase.Draining);
        var longer = silo.Stop(pod, 3600);
        var shorter = silo.Stop(pod, 5);
        await KubernetesHost.Until(() => Grace(pod) == 5, "the grace is 5 s");
        (first.IsCompleted || longer.IsCompleted || shorter.IsCompleted).ShouldBeFalse();

        server.Node.Finish(pod.Name.Value);
        (await Task.WhenAll(first, longer, shorter)).ShouldAllBe(ended => ended!.Phase == PodPhase.Ended);
    }

    [Fact]
    public async Task An_end_that_the_watch_does_not_tell_is_found_by_asking()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();
        var pod = await Ready(silo, watch);
        var stopping = silo.Stop(pod);
        await watch.Until(pod, PodPhase.Draining);

        server.Pods.TellsEvents = false;
        server.Node.Finish(pod.Name.Value);

        (await stopping).ShouldNotBeNull().Phase.ShouldBe(PodPhase.Ended);
    }

    [Fact]
    public async Task Of_a_pod_that_nobody_has_there_is_nothing_to_stop()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig);

        (await silo.Stop(KubernetesHost.Pod("iris-1-zzzzz"))).ShouldBeNull();
    }

    [Fact]
    public async Task A_pod_of_somebody_else_is_not_seen_not_stopped_and_not_taken_over()
    {
        Plant("iris-1-other", installation: "other", manager: "deploycard");
        Plant("iris-1-copyd", installation: "deploycard", manager: "kubectl");
        var before = server.Pods.Version;
        await using var silo = await KubernetesHost.Start(
            server.KubeConfig,
            options => (options.OrphanSweepInterval, options.MinOrphanAge) = (TimeSpan.FromSeconds(1), TimeSpan.Zero)
        );
        await using var watch = silo.Watch();
        await KubernetesHost.Until(() => watch.Last is { Count: 0 }, "the first list, in which nothing is ours");

        (await silo.Stop(KubernetesHost.Pod("iris-1-other"))).ShouldBeNull();
        (await silo.Stop(KubernetesHost.Pod("iris-1-copyd"))).ShouldBeNull();
        var taken = await silo.Started(KubernetesHost.Pod("iris-1-copyd"));
        (await watch.Until(taken, PodPhase.Failed)).Message!.ShouldContain("owned by another manager");

        // Two sweeps, of which the second began after all this: what is ours and has no deployment goes by it.
        await silo.Started(KubernetesHost.Pod("lost-1-aaaaa", deployment: DeploymentName.Parse("lost")));
        await KubernetesHost.Until(() => server.Pods.Find("lost-1-aaaaa") is null, "the sweep");
        server.Pods.Version.ShouldBe(before + 2);
        server.Pods.All.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_sweep_removes_the_pods_of_a_deployment_that_is_gone_or_rests_and_leaves_all_others()
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
            await silo.Started(KubernetesHost.Pod($"{name}-1-aaaaa", deployment: DeploymentName.Parse(name)));

        await KubernetesHost.Until(() => server.Pods.All.Count == 2, "the sweep");
        await silo.Started(KubernetesHost.Pod("gone-1-bbbbb", deployment: DeploymentName.Parse("gone")));
        await KubernetesHost.Until(() => server.Pods.Find("gone-1-bbbbb") is null, "one more sweep");
        server.Pods.All.Select(pod => (string?)pod["metadata"]!["name"]).ShouldBe(["awake-1-aaaaa", "iris-1-aaaaa"]);
    }

    [Fact]
    public async Task A_pod_that_is_younger_than_an_orphan_is_left_alone()
    {
        await using var silo = await KubernetesHost.Start(
            server.KubeConfig,
            options => (options.OrphanSweepInterval, options.MinOrphanAge) = (TimeSpan.FromSeconds(1), TimeSpan.FromHours(1))
        );
        await using var watch = silo.Watch();
        Plant("old-1-aaaaa", "deploycard", "deploycard", deployment: "old", created: "2020-01-01T00:00:00Z");
        await silo.Started(KubernetesHost.Pod("young-1-aaaaa", deployment: DeploymentName.Parse("young")));

        await KubernetesHost.Until(() => server.Pods.Find("old-1-aaaaa") is null, "the sweep");
        server.Pods.Find("young-1-aaaaa").ShouldNotBeNull();
    }

    private async Task<PodSpec> Ready(KubernetesHost silo, Watching watch)
    {
        var pod = await silo.Started();
        server.Node.RunReady(pod.Name.Value);
        await watch.Until(pod, PodPhase.Ready);
        return pod;
    }

    private long? Grace(PodSpec pod) => (long?)server.Pods.Find(pod.Name.Value)?["metadata"]?["deletionGracePeriodSeconds"];

    private void Plant(string name, string installation, string manager, string deployment = "iris", string? created = null) =>
        server.Pods.Plant(
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
