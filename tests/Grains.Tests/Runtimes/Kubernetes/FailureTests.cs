using DeployCard.Grains.Pods;
using DeployCard.Tests.Support;
using DeployCard.Tests.Support.Kubernetes;
using k8s.Autorest;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>What people are told when a pod does not come up, or does not stay.</summary>
public sealed class FailureTests : IAsyncLifetime
{
    private const string Denied =
        "pods \"iris-1-aaaaa\" is forbidden: User \"system:serviceaccount:models:deploycard\" cannot patch resource \"pods\" in API group \"\"";

    private ApiServerDouble server = null!;
    private KubernetesHost silo = null!;
    private Watching watch = null!;

    public async ValueTask InitializeAsync()
    {
        server = await ApiServerDouble.Start();
        silo = await KubernetesHost.Start(server.KubeConfig);
        watch = silo.Watch();
    }

    public async ValueTask DisposeAsync()
    {
        await watch.DisposeAsync();
        await silo.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task An_image_that_cannot_be_pulled_is_told_with_what_the_registry_said()
    {
        var pod = await silo.Started();
        server.Node.Wait(pod.Name.Value, "ImagePullBackOff", "Back-off pulling image \"registry.example.org/iris:1\": not found");

        var failed = await watch.Until(pod, PodPhase.Failed);
        failed.Reason.ShouldBe(PodReasons.ImagePullBackOff);
        failed.Message.ShouldBe("Its image cannot be pulled: Back-off pulling image \"registry.example.org/iris:1\": not found");
    }

    [Fact]
    public async Task A_crash_loop_is_told_with_exit_code_last_lines_and_the_next_start()
    {
        var pod = await silo.Started();
        server.Node.Run(pod.Name.Value);
        server.Node.Crash(pod.Name.Value, 3, message: "loading\nValueError: no model\n");
        (await watch.Until(pod, PodPhase.Failed)).Reason.ShouldBe(PodReasons.Exited);
        server.Node.BackOff(pod.Name.Value, "1m20s");

        var failed = await watch.Until(pod, seen => seen.Reason is PodReasons.CrashLoopBackOff);
        (failed.Phase, failed.ExitCode).ShouldBe((PodPhase.Failed, 3));
        failed.LastLines.ShouldBe(["loading", "ValueError: no model"]);
        failed.NextStartAt.ShouldNotBeNull().ShouldBe(TimeProvider.System.GetUtcNow().AddSeconds(80), TimeSpan.FromSeconds(30));

        server.Node.Restart(pod.Name.Value);
        server.Node.Ready(pod.Name.Value);
        (await watch.Until(pod, PodPhase.Ready)).Restarts.ShouldBe(1);
    }

    [Fact]
    public async Task Too_much_memory_is_told_as_such_also_while_it_waits_for_its_next_start()
    {
        var pod = await silo.Started();
        server.Node.Run(pod.Name.Value);
        server.Node.Crash(pod.Name.Value, 137, "OOMKilled");
        server.Node.BackOff(pod.Name.Value, "10s");

        var failed = await watch.Until(pod, seen => seen.NextStartAt is not null);
        (failed.Reason, failed.ExitCode).ShouldBe((PodReasons.OomKilled, 137));
        failed.Message!.ShouldContain("more memory than its limit");
    }

    [Fact]
    public async Task A_pod_that_was_killed_when_its_startup_time_was_over_was_too_slow()
    {
        var pod = await silo.Started();
        server.Node.Run(pod.Name.Value);
        server.Node.Crash(pod.Name.Value, 137, lasted: 61);

        (await watch.Until(pod, PodPhase.Failed)).Reason.ShouldBe(PodReasons.StartupTimeout);
    }

    [Fact]
    public async Task A_pod_that_was_too_slow_and_runs_again_is_told_as_such_until_its_probe_passes()
    {
        var pod = await silo.Started();
        server.Node.Run(pod.Name.Value);
        await watch.Until(pod, seen => seen.Phase is PodPhase.Starting);
        server.Node.GiveUp(pod.Name.Value, 137, lasted: 61);

        var again = await watch.Until(pod, seen => seen.Restarts == 1);
        (again.Phase, again.Reason, again.ExitCode).ShouldBe((PodPhase.Starting, PodReasons.StartupTimeout, 137));
        again.Message.ShouldBe("It did not answer GET / on port 8080 with success within 60 s of its start, and was killed.");
        server.Node.Ready(pod.Name.Value);
        (await watch.Until(pod, PodPhase.Ready)).Reason.ShouldBeNull();
    }

    [Fact]
    public async Task A_pod_that_was_killed_after_it_had_been_ready_was_not_too_slow()
    {
        var pod = await silo.Started();
        server.Node.RunReady(pod.Name.Value);
        await watch.Until(pod, PodPhase.Ready);
        server.Node.Crash(pod.Name.Value, 137, lasted: 61);

        (await watch.Until(pod, PodPhase.Failed)).Reason.ShouldBe(PodReasons.Exited);
    }

    [Fact]
    public async Task A_pod_that_no_node_can_take_is_told_with_the_schedulers_words_until_one_can()
    {
        var pod = await silo.Started();
        server.Node.Unschedulable(pod.Name.Value, "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.");

        var waiting = await watch.Until(pod, seen => seen.Reason is not null);
        (waiting.Phase, waiting.Reason, waiting.Message).ShouldBe(
            (PodPhase.Starting, PodReasons.Unschedulable, "No node can take it: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.")
        );

        server.Node.RunReady(pod.Name.Value);
        (await watch.Until(pod, PodPhase.Ready)).Reason.ShouldBeNull();
    }

    [Fact]
    public async Task A_pod_that_a_quota_leaves_no_room_for_is_a_failed_one_and_is_made_once_there_is_room()
    {
        server.Pods.Refusal = (
            403,
            "pods \"iris-1-aaaaa\" is forbidden: exceeded quota: models, requested: pods=1, used: pods=5, limited: pods=5"
        );
        var pod = await silo.Started();

        var failed = await watch.Until(pod, PodPhase.Failed);
        (failed.Reason, failed.NextStartAt is null).ShouldBe((PodReasons.QuotaExceeded, false));
        failed.Message!.ShouldContain("exceeded quota: models");
        server.Pods.All.ShouldBeEmpty();

        server.Pods.Refusal = null;
        await watch.Until(pod, PodPhase.Starting);
        server.Node.RunReady(pod.Name.Value);
        await watch.Until(pod, PodPhase.Ready);
    }

    [Theory]
    [InlineData(422, "spec.containers[0].image: Invalid value")]
    [InlineData(403, "pods \"iris-1-aaaaa\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true")]
    [InlineData(500, "Internal error occurred: failed calling webhook \"policy.example.org\"")]
    public async Task A_pod_that_is_refused_is_a_failed_one_and_is_shown_no_more_once_it_is_stopped(int code, string why)
    {
        server.Pods.Refusal = (code, why);
        var pod = await silo.Started();
        var failed = await watch.Until(pod, PodPhase.Failed);
        (failed.Reason, failed.Message).ShouldBe((PodReasons.Refused, $"Kubernetes does not take it: {why}"));

        (await silo.Stop(pod)).ShouldNotBeNull().Phase.ShouldBe(PodPhase.Ended);
        await KubernetesHost.Until(() => watch.Last is { Count: 0 }, "it is shown no more");
    }

    [Fact]
    public async Task A_server_that_has_not_read_its_roles_yet_is_no_failure_of_the_pod_and_one_that_goes_on_to_deny_is()
    {
        var time = new LeapingTime(TimeProvider.System.GetUtcNow());
        await using var other = await KubernetesHost.Start(server.KubeConfig, time: time);
        server.Pods.Refusal = (403, Denied);
        await Should.ThrowAsync<HttpOperationException>(() => other.Started());
        time.Advance(TimeSpan.FromSeconds(10));
        await Should.ThrowAsync<HttpOperationException>(() => other.Started());
        watch.Last.ShouldNotBeNull().ShouldBeEmpty();

        time.Advance(TimeSpan.FromSeconds(10));
        await using var watching = other.Watch();
        var pod = await other.Started();
        var failed = await watching.Until(pod, PodPhase.Failed);
        (failed.Reason, failed.Message).ShouldBe((PodReasons.Refused, $"Kubernetes does not take it: {Denied}"));
    }

    [Fact]
    public async Task A_denial_is_not_held_against_a_server_that_starts_much_later()
    {
        var time = new LeapingTime(TimeProvider.System.GetUtcNow());
        await using var other = await KubernetesHost.Start(server.KubeConfig, time: time);
        server.Pods.Refusal = (403, Denied);
        await Should.ThrowAsync<HttpOperationException>(() => other.Started());
        time.Advance(TimeSpan.FromMinutes(10));

        await Should.ThrowAsync<HttpOperationException>(() => other.Started());
    }

    [Fact]
    public async Task A_quota_that_is_in_conflict_with_itself_for_a_moment_holds_nothing_up()
    {
        server.Pods.Refuse(
            2,
            409,
            "Operation cannot be fulfilled on resourcequotas \"models\": the object has been modified; please apply your changes to the latest version and try again"
        );
        var pod = await silo.Started();

        (await watch.Until(pod, seen => true)).Phase.ShouldBe(PodPhase.Starting);
    }

    [Fact]
    public async Task A_server_that_has_too_much_to_do_is_no_failure_of_the_pod()
    {
        server.Pods.Refusal = (429, "The apiserver is too busy");

        await Should.ThrowAsync<HttpOperationException>(() => silo.Started());
    }

    [Fact]
    public async Task A_variable_from_a_secret_that_is_not_allowed_is_refused_by_name()
    {
        var pod = await silo.Started(
            KubernetesHost.Pod() with
            {
                Environment = new Dictionary<string, string> { ["TOKEN"] = "secret:deploycard/database" },
            }
        );

        var failed = await watch.Until(pod, PodPhase.Failed);
        failed.Message.ShouldBe(
            "The variable TOKEN is taken from the secret 'deploycard', which deployments must not read: it is not named in Kubernetes:EnvironmentSecrets."
        );
        server.Pods.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_pod_whose_node_is_not_heard_of_serves_on_until_it_is_deleted()
    {
        var pod = await silo.Started();
        server.Node.RunReady(pod.Name.Value);
        var ready = await watch.Until(pod, PodPhase.Ready);
        server.Node.Miss(pod.Name.Value);
        // What comes after it has been seen, so it was, too.
        var other = await silo.Started(KubernetesHost.Pod("iris-1-bbbbb"));
        await watch.Until(other, PodPhase.Starting);

        watch.Last!.Single(seen => seen.Name == pod.Name).ShouldBe(ready);
        server.Node.Ready(pod.Name.Value, isReady: false);
        (await watch.Until(pod, PodPhase.Starting)).Reason.ShouldBe(PodReasons.Unready);
    }

    [Fact]
    public async Task A_pod_that_its_node_throws_out_is_on_its_way_out_and_stopping_it_removes_the_object_at_once()
    {
        var pod = await silo.Started();
        server.Node.RunReady(pod.Name.Value);
        await watch.Until(pod, PodPhase.Ready);
        server.Node.Evict(pod.Name.Value, "The node was low on resource: memory.");
        await watch.Until(pod, PodPhase.Draining);

        var last = (await silo.Stop(pod, seconds: 3600)).ShouldNotBeNull();
        (last.Phase, last.Reason, last.Message).ShouldBe((PodPhase.Ended, "Evicted", "The node was low on resource: memory."));
        server.Pods.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_pod_that_the_platform_takes_away_is_told_with_its_word_for_why()
    {
        var pod = await silo.Started();
        server.Node.RunReady(pod.Name.Value);
        await watch.Until(pod, PodPhase.Ready);
        server.Node.TakeAway(pod.Name.Value, "EvictionByEvictionAPI", "Eviction API: evicting");

        var going = await watch.Until(pod, PodPhase.Draining);
        (going.Reason, going.Message).ShouldBe(("EvictionByEvictionAPI", "The platform takes it away: Eviction API: evicting"));
        server.Node.Crash(pod.Name.Value, 143);
        await watch.Until(pod, seen => seen.ExitCode is 143);
        server.Pods.Remove(pod.Name.Value);
        var last = (await silo.Stop(pod)).ShouldNotBeNull();
        (last.Phase, last.Reason, last.ExitCode).ShouldBe((PodPhase.Ended, "EvictionByEvictionAPI", 143));
    }
}
