using DeployCard.Grains.Deployments;
using DeployCard.Grains.Pods;
using k8s;
using k8s.Models;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>Whole lives of pods, in a genuine cluster where there is one, else in the doubles (<see cref="TestCluster"/>).</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private TestCluster? cluster;

    private TestCluster Cluster => cluster!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => cluster = await TestCluster.Start();

    /// <summary>Nothing is there where the start was skipped.</summary>
    public ValueTask DisposeAsync() => cluster?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task A_pod_comes_up_answers_at_its_address_and_leaves_nothing()
    {
        await using var silo = await Cluster.Silo();
        await using var watch = silo.Watch();
        var pod = await silo.Started(KubernetesHost.Pod(image: "serve"));

        var ready = await watch.Until(pod, PodPhase.Ready);
        (ready.Deployment, ready.Revision, ready.Restarts, ready.Protocol).ShouldBe((KubernetesHost.Iris, 1, 0, PodProtocol.Http1));
        await Answers(ready.Address.ShouldNotBeNull());
        await silo.Log.Until(pod, "serving");

        var ended = (await silo.Stop(pod)).ShouldNotBeNull();
        (ended.Phase, ended.ExitCode).ShouldBe((PodPhase.Ended, 0));
        silo.Log.Of(pod).ShouldBe(["serving", "bye"]);
        await Cluster.UntilPods();
    }

    [Fact]
    public async Task A_pod_that_crashes_is_told_with_code_lines_and_pause_and_each_of_its_runs_is_in_the_log()
    {
        await using var silo = await Cluster.Silo();
        await using var watch = silo.Watch();
        var pod = await silo.Started(KubernetesHost.Pod(image: "crash"));

        var failed = await watch.Until(pod, seen => seen.Reason is PodReasons.CrashLoopBackOff);
        (failed.Phase, failed.ExitCode).ShouldBe((PodPhase.Failed, 3));
        failed.LastLines.ShouldContain("ValueError: no model");
        failed.NextStartAt.ShouldNotBeNull();
        await watch.Until(pod, seen => seen.Restarts >= 2);
        await KubernetesHost.Until(() => silo.Log.Of(pod).Count >= 6, () => $"three runs in {string.Join('|', silo.Log.Of(pod))}");
        silo.Log.All(pod).Take(6).Chunk(2).ShouldAllBe(run => run.Order().SequenceEqual(new[] { "begin", "ValueError: no model" }.Order()));

        (await silo.Stop(pod, 1)).ShouldNotBeNull().Phase.ShouldBe(PodPhase.Ended);
        await Cluster.UntilPods();
    }

    [Fact]
    public async Task An_image_that_no_registry_has_is_told()
    {
        await using var silo = await Cluster.Silo();
        await using var watch = silo.Watch();
        var pod = await silo.Started(KubernetesHost.Pod(image: "missing"));

        var failed = await watch.Until(pod, PodPhase.Failed);
        failed.Reason.ShouldBe(PodReasons.ImagePullBackOff);
        failed.Message.ShouldNotBeNull().ShouldStartWith("Its image cannot be pulled: ");
        (await silo.Stop(pod, 1)).ShouldNotBeNull().Phase.ShouldBe(PodPhase.Ended);
        await Cluster.UntilPods();
    }

    [Fact]
    public async Task A_pod_that_no_node_can_take_waits_and_is_told_why()
    {
        await using var silo = await Cluster.Silo(options => options.NodeSelector["deploycard.io/no-such-node"] = "yes");
        await using var watch = silo.Watch();
        var pod = await silo.Started(KubernetesHost.Pod(image: "serve"));

        var waiting = await watch.Until(pod, seen => seen.Reason is not null);
        (waiting.Phase, waiting.Reason).ShouldBe((PodPhase.Starting, PodReasons.Unschedulable));
        waiting.Message.ShouldNotBeNull().ShouldContain("nodes are available");
        (await silo.Stop(pod)).ShouldNotBeNull().Phase.ShouldBe(PodPhase.Ended);
        await Cluster.UntilPods();
    }

    [Fact]
    public async Task A_pod_that_does_not_become_ready_in_time_is_told_as_too_slow()
    {
        await using var silo = await Cluster.Silo();
        await using var watch = silo.Watch();
        // Older kubelets take up to a minute and a half to act on what their probe has found: the grace makes room for that.
        var pod = await silo.Started(
            KubernetesHost.Pod(image: "never") with
            {
                StartupTimeout = TimeSpan.FromSeconds(4),
                TerminationGracePeriod = TimeSpan.FromMinutes(2),
            }
        );

        var slow = await watch.Until(pod, seen => seen.Reason is PodReasons.StartupTimeout);
        slow.Message.ShouldNotBeNull().ShouldEndWith("within 4 s of its start, and was killed.");
        await silo.Stop(pod, 1);
    }

    [Fact]
    public async Task What_somebody_else_made_with_our_labels_and_a_name_of_ours_is_left_alone()
    {
        var foreign = Foreign("iris-1-other");
        await Cluster.Client.CoreV1.CreateNamespacedPodAsync(
            foreign,
            Cluster.Namespace,
            fieldManager: "somebody",
            cancellationToken: Token
        );
        await using var silo = await Cluster.Silo(options =>
            (options.OrphanSweepInterval, options.MinOrphanAge) = (TimeSpan.FromSeconds(1), TimeSpan.Zero)
        );
        await using var watch = silo.Watch();

        (await silo.Stop(KubernetesHost.Pod("iris-1-other"))).ShouldBeNull();
        var taken = await silo.Started(KubernetesHost.Pod("iris-1-other", "serve"));
        (await watch.Until(taken, PodPhase.Failed)).Reason.ShouldBe(PodReasons.Refused);
        // A sweep that begins after all this takes what is ours and has no deployment.
        await silo.Started(KubernetesHost.Pod("lost-1-aaaaa", "serve", DeploymentName.Parse("lost")));
        silo.Said.Count("Pod lost-1-aaaaa of deployment lost was made").ShouldBe(1);
        await Cluster.UntilPods("iris-1-other");
    }

    [Fact]
    public async Task Another_silo_sees_the_same_pods_and_goes_on_with_their_logs()
    {
        var log = new KeptLog();
        PodSpec pod;
        await using (var first = await Cluster.Silo(log: log))
        {
            await using var watch = first.Watch();
            pod = await first.Started(KubernetesHost.Pod(image: "serve"));
            await watch.Until(pod, PodPhase.Ready);
            await log.Until(pod, "serving");
        }

        await using var second = await Cluster.Silo(log: log);
        await using var other = second.Watch();
        await other.Until(pod, PodPhase.Ready);
        await second.Stop(pod);
        log.Of(pod).ShouldBe(["serving", "bye"]);
    }

    [Fact]
    public async Task What_pods_use_is_told_where_the_cluster_measures_it()
    {
        await using var silo = await Cluster.Silo();
        await using var watch = silo.Watch();
        var pod = await silo.Started(KubernetesHost.Pod(image: "serve"));
        await watch.Until(pod, PodPhase.Ready);

        (await silo.Usage.Measure(Token)).ShouldHaveSingleItem().Pod.ShouldBe(pod.Name);
        if (silo.Said.Count("metrics.k8s.io") > 0)
            TestCluster.Lacks("the metrics API");
        await silo.Stop(pod, 1);
    }

    [Fact]
    public async Task A_pod_that_takes_more_memory_than_its_limit_is_told_as_such()
    {
        TestCluster.OnlyGenuine("A node ends what takes too much memory");
        await using var silo = await Cluster.Silo();
        await using var watch = silo.Watch();
        var pod = await silo.Started(KubernetesHost.Pod(image: "eat") with { MemoryBytes = 64 * 1024 * 1024 });

        (await watch.Until(pod, seen => seen.Reason is PodReasons.OomKilled)).Phase.ShouldBe(PodPhase.Failed);
        await silo.Stop(pod, 1);
    }

    [Fact]
    public async Task Pods_of_a_revision_come_on_nodes_of_their_own()
    {
        TestCluster.OnlyGenuine("Chooses a node for a pod");
        var nodes = (await Cluster.Client.CoreV1.ListNodeAsync(cancellationToken: Token)).Items.Count;
        Assert.SkipWhen(nodes == 1, "This cluster has one node only.");
        await using var silo = await Cluster.Silo();
        await using var watch = silo.Watch();

        for (var n = 0; n < nodes; n++)
            await watch.Until(await silo.Started(KubernetesHost.Pod($"iris-1-node{n}", image: "serve")), PodPhase.Ready);

        (await Cluster.Client.CoreV1.ListNamespacedPodAsync(Cluster.Namespace, cancellationToken: Token))
            .Items.Select(pod => pod.Spec.NodeName)
            .ShouldBeUnique();
    }

    [Fact]
    public async Task What_is_left_of_an_installation_goes_with_the_account_of_its_silos()
    {
        TestCluster.OnlyGenuine("Collects what has lost its owner");
        var account = await Cluster.Account("silo");
        await using (var silo = await Cluster.Silo(options => options.KubeConfig = account))
        {
            await using var watch = silo.Watch();
            // Its rights are there a moment after they were given.
            await KubernetesHost.Until(() => watch.Last is { Count: 0 }, "it may list pods");
            await watch.Until(await silo.Started(KubernetesHost.Pod(image: "serve")), PodPhase.Ready);
        }

        await Cluster.Client.CoreV1.DeleteNamespacedServiceAccountAsync("silo", Cluster.Namespace, cancellationToken: Token);
        await Cluster.UntilPods();
    }

    [Fact]
    public async Task A_quota_is_told_and_once_there_is_room_the_pod_comes()
    {
        TestCluster.OnlyGenuine("A server counts against quotas");
        var quota = new V1ResourceQuota
        {
            Metadata = new() { Name = "none" },
            Spec = new() { Hard = new Dictionary<string, ResourceQuantity> { ["pods"] = new("0") } },
        };
        await Cluster.Client.CoreV1.CreateNamespacedResourceQuotaAsync(quota, Cluster.Namespace, cancellationToken: Token);
        await using var silo = await Cluster.Silo();
        await using var watch = silo.Watch();
        var pod = await silo.Started(KubernetesHost.Pod(image: "serve"));

        (await watch.Until(pod, seen => seen.Reason is PodReasons.QuotaExceeded)).Phase.ShouldBe(PodPhase.Failed);
        await Cluster.Client.CoreV1.DeleteNamespacedResourceQuotaAsync("none", Cluster.Namespace, cancellationToken: Token);
        await watch.Until(pod, PodPhase.Ready);
        await silo.Stop(pod, 1);
    }

    /// <summary>The network of pods need not reach to where tests run.</summary>
    private static async Task Answers(Uri address)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        try
        {
            (await http.GetStringAsync(address, Token)).Trim().ShouldBe("ok");
        }
        catch (Exception e) when (TestCluster.IsGenuine && e is HttpRequestException or TaskCanceledException)
        {
            TestCluster.Lacks($"a way from here to the pod at {address}: {e.Message}");
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
