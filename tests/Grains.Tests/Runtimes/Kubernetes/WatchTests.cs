using System.Text.Json.Nodes;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.Kubernetes;
using DeployCard.Tests.Support.Kubernetes;
using k8s;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>How the pods of the platform are followed, whatever becomes of the connection.</summary>
public sealed class WatchTests : IAsyncLifetime
{
    private ApiServerDouble server = null!;

    public async ValueTask InitializeAsync() => server = await ApiServerDouble.Start();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public async Task A_pod_is_seen_from_its_start_over_ready_to_its_end()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();
        var pod = await silo.Started();

        (await watch.Until(pod, PodPhase.Starting)).Address.ShouldBeNull();
        server.Node.RunReady(pod.Name.Value);
        var ready = await watch.Until(pod, PodPhase.Ready);
        ready.Address.ShouldBe(new Uri("http://127.0.0.2:8080/"));
        ready.ReadyAt.ShouldNotBeNull();

        var stopping = silo.Stop(pod);
        await watch.Until(pod, PodPhase.Draining);
        server.Node.Finish(pod.Name.Value);
        var last = (await stopping).ShouldNotBeNull();
        (last.Phase, last.ExitCode).ShouldBe((PodPhase.Ended, 0));
    }

    [Fact]
    public async Task A_pod_whose_readiness_is_lost_is_out_of_the_route_until_it_is_back()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();
        var pod = await silo.Started();
        server.Node.RunReady(pod.Name.Value);
        await watch.Until(pod, PodPhase.Ready);

        server.Node.Ready(pod.Name.Value, isReady: false);
        var unready = await watch.Until(pod, PodPhase.Starting);
        (unready.Address, unready.Reason).ShouldBe((null, PodReasons.Unready));
        server.Node.Ready(pod.Name.Value);
        await watch.Until(pod, PodPhase.Ready);
    }

    [Fact]
    public async Task A_watch_that_is_cut_goes_on_from_where_it_was_without_a_new_list()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();
        var pod = await silo.Started();
        await watch.Until(pod, PodPhase.Starting);

        server.Cut();
        server.Node.RunReady(pod.Name.Value);
        await watch.Until(pod, PodPhase.Ready);
        server.Asked.Count(asked => asked == "list").ShouldBe(1);
    }

    [Fact]
    public async Task Bookmarks_move_the_version_on_so_that_a_cut_watch_needs_no_old_events()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();
        var pod = await silo.Started();
        await watch.Until(pod, PodPhase.Starting);

        server.Pods.Skip(1000);
        var version = server.Pods.Version;
        // What it has heard is seen by where it begins again.
        await KubernetesHost.Until(
            () =>
            {
                server.Cut();
                return server.Asked.Contains($"{version}");
            },
            $"a watch from version {version}"
        );
        server.Asked.Count(asked => asked == "list").ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_version_that_is_too_old_brings_a_new_list_in_which_what_is_missing_has_gone(bool byStatus)
    {
        server.RefusesOldWatches = byStatus;
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();
        var (kept, lost) = (await silo.Started(), await silo.Started(KubernetesHost.Pod("iris-1-bbbbb")));
        await watch.Until(lost, PodPhase.Starting);

        server.Pods.TellsEvents = false;
        server.Node.RunReady(kept.Name.Value);
        server.Pods.Remove(lost.Name.Value);
        server.Pods.Compact();
        server.Pods.TellsEvents = true;
        server.Cut();

        await watch.Until(kept, PodPhase.Ready);
        await watch.Until(lost, PodPhase.Ended);
        server.Asked.Count(asked => asked == "list").ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task A_list_of_many_pages_is_whole_also_where_a_page_comes_too_late()
    {
        foreach (var number in Enumerable.Range(0, 1001))
        {
            var manifest = PodManifest.For(
                KubernetesHost.Pod($"iris-1-{number:0000}"),
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

        server.ExpirePages(1);
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();

        await KubernetesHost.Until(() => watch.Last is { Count: 1001 }, "all pods");
        // One page and the failure, then all three.
        server.Asked.Count(asked => asked == "list").ShouldBe(5);
        silo.Said.Count("does not answer as it should").ShouldBe(0);
    }

    [Fact]
    public async Task A_server_that_has_too_much_to_do_is_left_alone_for_as_long_as_it_wants()
    {
        server.Busy(3, retryAfter: 1);
        await using var silo = await KubernetesHost.Start(
            server.KubeConfig,
            options => options.MaxBackoff = TimeSpan.FromMilliseconds(200)
        );
        await using var watch = silo.Watch();

        await KubernetesHost.Until(() => watch.Last is { Count: 0 }, "the list");
        await KubernetesHost.Until(() => silo.Said.Count("answers again, after 3 failures") == 1, "it is told, which is after the list");
        silo.Said.Count("TooManyRequests").ShouldBe(1);
    }

    [Fact]
    public async Task What_the_watch_misses_is_found_by_listing_now_and_then()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig, options => options.RelistInterval = TimeSpan.FromSeconds(1));
        await using var watch = silo.Watch();
        var pod = await silo.Started();
        await watch.Until(pod, PodPhase.Starting);

        server.Pods.TellsEvents = false;
        server.Node.RunReady(pod.Name.Value);

        await watch.Until(pod, PodPhase.Ready);
    }

    [Fact]
    public async Task While_the_server_is_away_what_is_known_stays_and_then_all_is_as_it_is_there()
    {
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();
        var pod = await silo.Started();
        server.Node.RunReady(pod.Name.Value);
        await watch.Until(pod, PodPhase.Ready);
        var reports = watch.Seen.Count;

        server.GoAway();
        await KubernetesHost.Until(() => silo.Said.Count("does not answer as it should") == 1, "the silo notices");
        await Should.ThrowAsync<Exception>(() => silo.Started(KubernetesHost.Pod("iris-1-bbbbb")));
        await Should.ThrowAsync<Exception>(() => silo.Stop(pod));
        (watch.Seen.Count, watch.Last!.Single().Phase).ShouldBe((reports, PodPhase.Ready));

        server.Node.Crash(pod.Name.Value, 3);
        server.ComeBack();
        (await watch.Until(pod, PodPhase.Failed)).ExitCode.ShouldBe(3);
        silo.Said.Count("does not answer as it should").ShouldBe(1);
        await silo.Started(KubernetesHost.Pod("iris-1-bbbbb"));
    }

    [Fact]
    public async Task Nothing_is_told_before_the_first_list()
    {
        server.GoAway();
        await using var silo = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = silo.Watch();

        await KubernetesHost.Until(() => silo.Said.Count("does not answer as it should") == 1, "the silo notices");
        watch.Last.ShouldBeNull();
        server.ComeBack();
        await KubernetesHost.Until(() => watch.Last is { Count: 0 }, "no pods are told");
    }

    [Fact]
    public async Task Every_silo_sees_the_same_pods_and_a_name_that_is_known_is_started_once()
    {
        await using var one = await KubernetesHost.Start(server.KubeConfig);
        await using var two = await KubernetesHost.Start(server.KubeConfig);
        await using var watch = two.Watch();
        var pod = await one.Started();
        await watch.Until(pod, PodPhase.Starting);
        var before = server.Pods.Version;

        await one.Started(pod);
        await two.Started(pod);

        (server.Pods.Version, server.Pods.All.Count).ShouldBe((before, 1));
    }
}
