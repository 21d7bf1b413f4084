using System.Text.Json.Nodes;
using DeployCard.Contracts.Pods;
using DeployCard.Kubernetes.Pods;
using DeployCard.Tests.Support.Kubernetes;
using k8s;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>Watching of pods across interruptions and outages.</summary>
public sealed class WatchTests : IAsyncLifetime
{
    private ApiServerDouble server = null!;

    public async ValueTask InitializeAsync() => server = await ApiServerDouble.Start();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task Pod_is_reported_from_its_start_to_its_end()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();
        var pod = await silo.StartPod();

        (await watch.WaitUntil(pod, PodPhase.Starting)).Address.ShouldBeNull();
        server.Node.RunReady(pod.Name.Value);
        var ready = await watch.WaitUntil(pod, PodPhase.Ready);
        ready.Address.ShouldBe(new Uri("http://127.0.0.2:8080/"));
        ready.ReadyAt.ShouldNotBeNull();

        var stopping = silo.StopPod(pod);
        await watch.WaitUntil(pod, PodPhase.Draining);
        server.Node.FinishDeletion(pod.Name.Value);
        var last = (await stopping).ShouldNotBeNull();
        (last.Phase, last.ExitCode).ShouldBe((PodPhase.Ended, 0));
    }

    [Fact]
    public async Task Unready_pod_has_no_address_until_it_is_ready_again()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();
        var pod = await silo.StartPod();
        server.Node.RunReady(pod.Name.Value);
        await watch.WaitUntil(pod, PodPhase.Ready);

        server.Node.SetReady(pod.Name.Value, isReady: false);
        var unready = await watch.WaitUntil(pod, PodPhase.Starting);
        (unready.Address, unready.Reason).ShouldBe((null, PodReasons.Unready));
        server.Node.SetReady(pod.Name.Value);
        await watch.WaitUntil(pod, PodPhase.Ready);
    }

    [Fact]
    public async Task Interrupted_watch_resumes_at_its_version_without_a_new_list()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();
        var pod = await silo.StartPod();
        await watch.WaitUntil(pod, PodPhase.Starting);

        server.AbortStreams();
        server.Node.RunReady(pod.Name.Value);
        await watch.WaitUntil(pod, PodPhase.Ready);
        server.ListsAndWatches.Count(asked => asked == "list").ShouldBe(1);
    }

    [Fact]
    public async Task Bookmarks_advance_the_version_at_which_an_interrupted_watch_resumes()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();
        var pod = await silo.StartPod();
        await watch.WaitUntil(pod, PodPhase.Starting);

        server.Pods.AdvanceVersion(1000);
        var version = server.Pods.Version;
        // The version at which the watch resumes shows the last event that it received.
        await KubernetesHost.WaitUntil(
            () =>
            {
                server.AbortStreams();
                return server.ListsAndWatches.Contains($"{version}");
            },
            $"a watch from version {version}"
        );
        server.ListsAndWatches.Count(asked => asked == "list").ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Expired_version_causes_a_new_list_and_pods_missing_from_it_have_ended(bool byStatus)
    {
        server.RejectsExpiredWatches = byStatus;
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();
        var (kept, lost) = (await silo.StartPod(), await silo.StartPod(KubernetesHost.CreateSpec("iris-1-bbbbb")));
        await watch.WaitUntil(lost, PodPhase.Starting);

        server.Pods.SendsEvents = false;
        server.Node.RunReady(kept.Name.Value);
        server.Pods.Remove(lost.Name.Value);
        server.Pods.Compact();
        server.Pods.SendsEvents = true;
        server.AbortStreams();

        await watch.WaitUntil(kept, PodPhase.Ready);
        await watch.WaitUntil(lost, PodPhase.Ended);
        server.ListsAndWatches.Count(asked => asked == "list").ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task Paged_list_is_complete_also_after_an_expired_page()
    {
        foreach (var number in Enumerable.Range(0, 1001))
        {
            var manifest = PodManifest.For(
                KubernetesHost.CreateSpec($"iris-1-{number:0000}"),
                new("iris", "iris", "", 8080, "/", PodProtocol.Http1, []),
                new()
            );
            server.Pods.Apply(
                manifest.Metadata.Name,
                JsonNode.Parse(KubernetesJson.Serialize(manifest))!.AsObject(),
                PodLabels.FieldManager,
                force: false
            );
        }

        server.ExpireListPages(1);
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();

        await KubernetesHost.WaitUntil(() => watch.Last is { Count: 1001 }, "all pods");
        // One page and the failed page, then all three pages.
        server.ListsAndWatches.Count(asked => asked == "list").ShouldBe(5);
        silo.LogMessages.Count("does not respond as expected").ShouldBe(0);
    }

    [Fact]
    public async Task Retry_after_of_an_overloaded_API_server_is_honored()
    {
        server.ThrottleRequests(3, retryAfter: 1);
        await using var silo = await KubernetesHost.Start(
            server.KubeConfig,
            options => options.MaxBackoff = TimeSpan.FromMilliseconds(200)
        );
        await using var watch = silo.Watch();

        await KubernetesHost.WaitUntil(() => watch.Last is { Count: 0 }, "the list");
        // The recovery is logged after the list.
        await KubernetesHost.WaitUntil(() => silo.LogMessages.Count("responds again after 3 failures") == 1, "the recovery is logged");
        silo.LogMessages.Count("TooManyRequests").ShouldBe(1);
    }

    [Fact]
    public async Task Change_that_the_watch_missed_is_found_by_the_next_list()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig, options => options.RelistInterval = TimeSpan.FromSeconds(1));
        await using var watch = silo.Watch();
        var pod = await silo.StartPod();
        await watch.WaitUntil(pod, PodPhase.Starting);

        server.Pods.SendsEvents = false;
        server.Node.RunReady(pod.Name.Value);

        await watch.WaitUntil(pod, PodPhase.Ready);
    }

    [Fact]
    public async Task Known_pods_are_kept_during_an_outage_of_the_API_server_and_updated_afterwards()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();
        var pod = await silo.StartPod();
        server.Node.RunReady(pod.Name.Value);
        await watch.WaitUntil(pod, PodPhase.Ready);
        var reports = watch.Reports.Count;

        server.BeginOutage();
        await KubernetesHost.WaitUntil(() => silo.LogMessages.Count("does not respond as expected") == 1, "the silo logs the outage");
        await Should.ThrowAsync<Exception>(() => silo.StartPod(KubernetesHost.CreateSpec("iris-1-bbbbb")));
        await Should.ThrowAsync<Exception>(() => silo.StopPod(pod));
        (watch.Reports.Count, watch.Last!.Single().Phase).ShouldBe((reports, PodPhase.Ready));

        server.Node.Crash(pod.Name.Value, 3);
        server.EndOutage();
        (await watch.WaitUntil(pod, PodPhase.Failed)).ExitCode.ShouldBe(3);
        silo.LogMessages.Count("does not respond as expected").ShouldBe(1);
        await silo.StartPod(KubernetesHost.CreateSpec("iris-1-bbbbb"));
    }

    [Fact]
    public async Task Nothing_is_reported_before_the_first_list()
    {
        server.BeginOutage();
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();

        await KubernetesHost.WaitUntil(() => silo.LogMessages.Count("does not respond as expected") == 1, "the silo logs the outage");
        watch.Last.ShouldBeNull();
        server.EndOutage();
        await KubernetesHost.WaitUntil(() => watch.Last is { Count: 0 }, "an empty report");
    }

    [Fact]
    public async Task All_silos_see_the_same_pods_and_a_known_name_is_started_once()
    {
        await using var one = await KubernetesHost.Start(server.KubeConfig);
        await using var two = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = two.Watch();
        var pod = await one.StartPod();
        await watch.WaitUntil(pod, PodPhase.Starting);
        var before = server.Pods.Version;

        await one.StartPod(pod);
        await two.StartPod(pod);

        (server.Pods.Version, server.Pods.All.Count).ShouldBe((before, 1));
    }
}
