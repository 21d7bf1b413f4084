using DeployCard.Contracts.Names;
using DeployCard.Contracts.Pods;
using k8s;
using k8s.Models;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>Whole pod lifecycles, in a real cluster if there is one, otherwise in the doubles (<see cref="TestCluster"/>).</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private TestCluster? cluster;

    private TestCluster Cluster => cluster!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => cluster = await TestCluster.Start();

    /// <summary>Disposes the cluster, which is null if the test was skipped at its start.</summary>
    public ValueTask DisposeAsync() => cluster?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Pod_starts_responds_at_its_address_and_is_removed_completely()
    {
        await using var silo = await Cluster.StartSilo();
        await using var watch = silo.Watch();
        var pod = await silo.StartPod(KubernetesHost.CreateSpec(image: "serve"));

        var ready = await watch.WaitUntil(pod, PodPhase.Ready);
        (ready.Deployment, ready.Revision, ready.Restarts, ready.Protocol).ShouldBe((KubernetesHost.Iris, 1, 0, PodProtocol.Http1));
        await CheckResponse(ready.Address.ShouldNotBeNull());
        await silo.Log.WaitUntil(pod, "serving");

        var ended = (await silo.StopPod(pod)).ShouldNotBeNull();
        (ended.Phase, ended.ExitCode).ShouldBe((PodPhase.Ended, 0));
        silo.Log.Lines(pod).ShouldBe(["serving", "bye"]);
        await Cluster.WaitForPods();
    }

    [Fact]
    public async Task Crashing_pod_is_reported_with_exit_code_last_lines_and_next_start_and_all_its_runs_are_logged()
    {
        await using var silo = await Cluster.StartSilo();
        await using var watch = silo.Watch();
        var pod = await silo.StartPod(KubernetesHost.CreateSpec(image: "crash"));

        var failed = await watch.WaitUntil(pod, seen => seen.Reason is PodReasons.CrashLoopBackOff);
        (failed.Phase, failed.ExitCode).ShouldBe((PodPhase.Failed, 3));
        failed.LastLines.ShouldContain("ValueError: no model");
        failed.NextStartAt.ShouldNotBeNull();
        await watch.WaitUntil(pod, seen => seen.Restarts >= 2);
        await KubernetesHost.WaitUntil(
            () => silo.Log.Lines(pod).Count >= 6,
            () => $"three runs in {string.Join('|', silo.Log.Lines(pod))}"
        );
        silo.Log.AllLines(pod)
            .Take(6)
            .Chunk(2)
            .ShouldAllBe(run => run.Order().SequenceEqual(new[] { "begin", "ValueError: no model" }.Order()));

        (await silo.StopPod(pod, 1)).ShouldNotBeNull().Phase.ShouldBe(PodPhase.Ended);
        await Cluster.WaitForPods();
    }

    [Fact]
    public async Task Missing_image_is_reported()
    {
        await using var silo = await Cluster.StartSilo();
        await using var watch = silo.Watch();
        var pod = await silo.StartPod(KubernetesHost.CreateSpec(image: "missing"));

        var failed = await watch.WaitUntil(pod, PodPhase.Failed);
        failed.Reason.ShouldBe(PodReasons.ImagePullBackOff);
        failed.Message.ShouldNotBeNull().ShouldStartWith("The image cannot be pulled: ");
        (await silo.StopPod(pod, 1)).ShouldNotBeNull().Phase.ShouldBe(PodPhase.Ended);
        await Cluster.WaitForPods();
    }

    [Fact]
    public async Task Unschedulable_pod_waits_and_shows_the_reason()
    {
        await using var silo = await Cluster.StartSilo(options => options.NodeSelector["deploycard.io/no-such-node"] = "yes");
        await using var watch = silo.Watch();
        var pod = await silo.StartPod(KubernetesHost.CreateSpec(image: "serve"));

        var waiting = await watch.WaitUntil(pod, seen => seen.Reason is not null);
        (waiting.Phase, waiting.Reason).ShouldBe((PodPhase.Starting, PodReasons.Unschedulable));
        waiting.Message.ShouldNotBeNull().ShouldContain("nodes are available");
        (await silo.StopPod(pod)).ShouldNotBeNull().Phase.ShouldBe(PodPhase.Ended);
        await Cluster.WaitForPods();
    }

    [Fact]
    public async Task Pod_that_is_not_ready_in_time_has_reason_startup_timeout()
    {
        await using var silo = await Cluster.StartSilo();
        await using var watch = silo.Watch();
        // Older kubelets take up to 90 s to act on a failed probe; the grace period allows for that.
        var pod = await silo.StartPod(
            KubernetesHost.CreateSpec(image: "never") with
            {
                StartupTimeout = TimeSpan.FromSeconds(4),
                TerminationGracePeriod = TimeSpan.FromMinutes(2),
            }
        );

        var slow = await watch.WaitUntil(pod, seen => seen.Reason is PodReasons.StartupTimeout);
        slow.Message.ShouldNotBeNull().ShouldEndWith("within 4 s of its start and was killed.");
        await silo.StopPod(pod, 1);
    }

    [Fact]
    public async Task Pod_of_another_program_with_our_labels_and_name_is_not_touched()
    {
        var foreign = Foreign("iris-1-other");
        await Cluster.Client.CoreV1.CreateNamespacedPodAsync(foreign, Cluster.Namespace, fieldManager: "other", cancellationToken: Token);
        await using var silo = await Cluster.StartSilo(options =>
            (options.OrphanSweepInterval, options.MinOrphanAge) = (TimeSpan.FromSeconds(1), TimeSpan.Zero)
        );
        await using var watch = silo.Watch();

        (await silo.StopPod(KubernetesHost.CreateSpec("iris-1-other"))).ShouldBeNull();
        var taken = await silo.StartPod(KubernetesHost.CreateSpec("iris-1-other", "serve"));
        (await watch.WaitUntil(taken, PodPhase.Failed)).Reason.ShouldBe(PodReasons.Rejected);
        // The sweep that deletes the orphaned pod of DeployCard began after all of the above.
        await silo.StartPod(KubernetesHost.CreateSpec("lost-1-aaaaa", "serve", DeploymentName.Parse("lost")));
        silo.LogMessages.Count("Pod lost-1-aaaaa of deployment lost was created").ShouldBe(1);
        await Cluster.WaitForPods("iris-1-other");
    }

    [Fact]
    public async Task Another_silo_sees_the_same_pods_and_resumes_their_logs()
    {
        var log = new RecordedLog();
        PodSpec pod;
        await using (var first = await Cluster.StartSilo(log: log))
        {
            await using var watch = first.Watch();
            pod = await first.StartPod(KubernetesHost.CreateSpec(image: "serve"));
            await watch.WaitUntil(pod, PodPhase.Ready);
            await log.WaitUntil(pod, "serving");
        }

        await using var second = await Cluster.StartSilo(log: log);
        await using var other = second.Watch();
        await other.WaitUntil(pod, PodPhase.Ready);
        await second.StopPod(pod);
        log.Lines(pod).ShouldBe(["serving", "bye"]);
    }

    [Fact]
    public async Task Pod_usage_is_reported_if_the_cluster_has_the_metrics_API()
    {
        await using var silo = await Cluster.StartSilo();
        await using var watch = silo.Watch();
        var pod = await silo.StartPod(KubernetesHost.CreateSpec(image: "serve"));
        await watch.WaitUntil(pod, PodPhase.Ready);

        (await silo.Usage.Measure(Token)).ShouldHaveSingleItem().Pod.ShouldBe(pod.Name);
        if (silo.LogMessages.Count("metrics.k8s.io") > 0)
            TestCluster.ReportMissing("the metrics API");
        await silo.StopPod(pod, 1);
    }

    [Fact]
    public async Task Pod_above_its_memory_limit_has_reason_OOMKilled()
    {
        TestCluster.RequireRealCluster("Killing a container above its memory limit");
        await using var silo = await Cluster.StartSilo();
        await using var watch = silo.Watch();
        var pod = await silo.StartPod(KubernetesHost.CreateSpec(image: "eat") with { MemoryBytes = 64 * 1024 * 1024 });

        (await watch.WaitUntil(pod, seen => seen.Reason is PodReasons.OomKilled)).Phase.ShouldBe(PodPhase.Failed);
        await silo.StopPod(pod, 1);
    }

    [Fact]
    public async Task Pods_of_a_revision_run_on_different_nodes()
    {
        TestCluster.RequireRealCluster("Scheduling of pods");
        var nodes = (await Cluster.Client.CoreV1.ListNodeAsync(cancellationToken: Token)).Items.Count;
        Assert.SkipWhen(nodes == 1, "This cluster has only one node.");
        await using var silo = await Cluster.StartSilo();
        await using var watch = silo.Watch();

        for (var n = 0; n < nodes; n++)
            await watch.WaitUntil(await silo.StartPod(KubernetesHost.CreateSpec($"iris-1-node{n}", image: "serve")), PodPhase.Ready);

        (await Cluster.Client.CoreV1.ListNamespacedPodAsync(Cluster.Namespace, cancellationToken: Token))
            .Items.Select(pod => pod.Spec.NodeName)
            .ShouldBeUnique();
    }

    [Fact]
    public async Task Pods_are_deleted_with_the_service_account_of_their_silos()
    {
        TestCluster.RequireRealCluster("Garbage collection of objects without an owner");
        var account = await Cluster.CreateServiceAccount("silo");
        await using (var silo = await Cluster.StartSilo(options => options.KubeConfig = account))
        {
            await using var watch = silo.Watch();
            // Granted rights take effect after a moment.
            await KubernetesHost.WaitUntil(() => watch.Last is { Count: 0 }, "the service account can list pods");
            await watch.WaitUntil(await silo.StartPod(KubernetesHost.CreateSpec(image: "serve")), PodPhase.Ready);
        }

        await Cluster.Client.CoreV1.DeleteNamespacedServiceAccountAsync("silo", Cluster.Namespace, cancellationToken: Token);
        await Cluster.WaitForPods();
    }

    [Fact]
    public async Task Pod_beyond_a_quota_is_failed_and_starts_once_the_quota_is_removed()
    {
        TestCluster.RequireRealCluster("Enforcement of quotas");
        var quota = new V1ResourceQuota
        {
            Metadata = new() { Name = "none" },
            Spec = new() { Hard = new Dictionary<string, ResourceQuantity> { ["pods"] = new("0") } },
        };
        await Cluster.Client.CoreV1.CreateNamespacedResourceQuotaAsync(quota, Cluster.Namespace, cancellationToken: Token);
        await using var silo = await Cluster.StartSilo();
        await using var watch = silo.Watch();
        var pod = await silo.StartPod(KubernetesHost.CreateSpec(image: "serve"));

        (await watch.WaitUntil(pod, seen => seen.Reason is PodReasons.QuotaExceeded)).Phase.ShouldBe(PodPhase.Failed);
        await Cluster.Client.CoreV1.DeleteNamespacedResourceQuotaAsync("none", Cluster.Namespace, cancellationToken: Token);
        await watch.WaitUntil(pod, PodPhase.Ready);
        await silo.StopPod(pod, 1);
    }

    /// <summary>Checks the response of a pod. Tests may have no network access to the pods of a real cluster.</summary>
    private static async Task CheckResponse(Uri address)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        try
        {
            (await http.GetStringAsync(address, Token)).Trim().ShouldBe("ok");
        }
        catch (Exception e) when (TestCluster.IsReal && e is HttpRequestException or TaskCanceledException)
        {
            TestCluster.ReportMissing($"network access from the tests to the pod at {address}: {e.Message}");
        }
    }

    private V1Pod Foreign(string name) =>
        new()
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new()
            {
                Name = name,
                Labels = new Dictionary<string, string>
                {
                    ["app.kubernetes.io/managed-by"] = "deploycard",
                    ["deploycard.io/installation"] = "deploycard",
                    ["deploycard.io/deployment"] = "iris",
                    ["deploycard.io/revision"] = "1",
                },
            },
            Spec = new()
            {
                Containers =
                [
                    new()
                    {
                        Name = "other",
                        Image = Cluster.Image,
                        Command = ["/bin/sh", "-c", "exec sleep 1000"],
                    },
                ],
                NodeSelector = new Dictionary<string, string> { ["deploycard.io/no-such-node"] = "yes" },
            },
        };
}
