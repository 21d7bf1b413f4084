using DeployCard.Contracts.Pods;
using DeployCard.Tests.Support;
using DeployCard.Tests.Support.Kubernetes;
using k8s.Autorest;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>Reported reasons for pods that do not start or do not keep running.</summary>
public sealed class FailureTests : IAsyncLifetime
{
    private const string Denied =
        "pods \"iris-1-aaaaa\" is forbidden: User \"system:serviceaccount:models:deploycard\" "
        + "cannot patch resource \"pods\" in API group \"\"";

    private ApiServerDouble server = null!;
    private KubernetesHost silo = null!;
    private PodWatch watch = null!;

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
    public async Task Image_pull_failure_shows_the_message_of_the_registry()
    {
        var pod = await silo.StartPod();
        server.Node.SetWaiting(pod.Name.Value, "ImagePullBackOff", "Back-off pulling image \"registry.example.org/iris:1\": not found");

        var failed = await watch.WaitUntil(pod, PodPhase.Failed);
        failed.Reason.ShouldBe(PodReasons.ImagePullBackOff);
        failed.Message.ShouldBe("The image cannot be pulled: Back-off pulling image \"registry.example.org/iris:1\": not found");
    }

    [Fact]
    public async Task Crash_loop_shows_exit_code_last_lines_and_next_start()
    {
        var pod = await silo.StartPod();
        server.Node.Run(pod.Name.Value);
        server.Node.Crash(pod.Name.Value, 3, message: "loading\nValueError: no model\n");
        (await watch.WaitUntil(pod, PodPhase.Failed)).Reason.ShouldBe(PodReasons.Exited);
        server.Node.BackOff(pod.Name.Value, "1m20s");

        var failed = await watch.WaitUntil(pod, seen => seen.Reason is PodReasons.CrashLoopBackOff);
        (failed.Phase, failed.ExitCode).ShouldBe((PodPhase.Failed, 3));
        failed.LastLines.ShouldBe(["loading", "ValueError: no model"]);
        failed.NextStartAt.ShouldNotBeNull().ShouldBe(TimeProvider.System.GetUtcNow().AddSeconds(80), TimeSpan.FromSeconds(30));

        server.Node.Restart(pod.Name.Value);
        server.Node.SetReady(pod.Name.Value);
        (await watch.WaitUntil(pod, PodPhase.Ready)).Restarts.ShouldBe(1);
    }

    [Fact]
    public async Task OOMKilled_pod_keeps_its_reason_during_backoff()
    {
        var pod = await silo.StartPod();
        server.Node.Run(pod.Name.Value);
        server.Node.Crash(pod.Name.Value, 137, "OOMKilled");
        server.Node.BackOff(pod.Name.Value, "10s");

        var failed = await watch.WaitUntil(pod, seen => seen.NextStartAt is not null);
        (failed.Reason, failed.ExitCode).ShouldBe((PodReasons.OomKilled, 137));
        failed.Message!.ShouldContain("exceeded its memory limit");
    }

    [Fact]
    public async Task Pod_killed_at_its_startup_timeout_has_reason_startup_timeout()
    {
        var pod = await silo.StartPod();
        server.Node.Run(pod.Name.Value);
        server.Node.Crash(pod.Name.Value, 137, durationSeconds: 61);

        (await watch.WaitUntil(pod, PodPhase.Failed)).Reason.ShouldBe(PodReasons.StartupTimeout);
    }

    [Fact]
    public async Task Restarted_pod_keeps_reason_startup_timeout_until_its_probe_passes()
    {
        var pod = await silo.StartPod();
        server.Node.Run(pod.Name.Value);
        await watch.WaitUntil(pod, seen => seen.Phase is PodPhase.Starting);
        server.Node.FailStartupProbe(pod.Name.Value, 137, durationSeconds: 61);

        var again = await watch.WaitUntil(pod, seen => seen.Restarts == 1);
        (again.Phase, again.Reason, again.ExitCode).ShouldBe((PodPhase.Starting, PodReasons.StartupTimeout, 137));
        again.Message.ShouldBe("The container did not respond to GET / on port 8080 with success within 60 s of its start and was killed.");
        server.Node.SetReady(pod.Name.Value);
        (await watch.WaitUntil(pod, PodPhase.Ready)).Reason.ShouldBeNull();
    }

    [Fact]
    public async Task Pod_killed_after_it_was_ready_has_reason_exited()
    {
        var pod = await silo.StartPod();
        server.Node.RunReady(pod.Name.Value);
        await watch.WaitUntil(pod, PodPhase.Ready);
        server.Node.Crash(pod.Name.Value, 137, durationSeconds: 61);

        (await watch.WaitUntil(pod, PodPhase.Failed)).Reason.ShouldBe(PodReasons.Exited);
    }

    [Fact]
    public async Task Unschedulable_pod_shows_the_message_of_the_scheduler_until_it_is_scheduled()
    {
        var pod = await silo.StartPod();
        server.Node.SetUnschedulable(pod.Name.Value, "0/3 nodes are available: 3 Insufficient nvidia.com/gpu.");

        var waiting = await watch.WaitUntil(pod, seen => seen.Reason is not null);
        (waiting.Phase, waiting.Reason, waiting.Message).ShouldBe(
            (
                PodPhase.Starting,
                PodReasons.Unschedulable,
                "No node can run the pod: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu."
            )
        );

        server.Node.RunReady(pod.Name.Value);
        (await watch.WaitUntil(pod, PodPhase.Ready)).Reason.ShouldBeNull();
    }

    [Fact]
    public async Task Pod_beyond_a_quota_is_failed_and_is_created_once_the_quota_allows_it()
    {
        server.Pods.Rejection = (
            403,
            "pods \"iris-1-aaaaa\" is forbidden: exceeded quota: models, requested: pods=1, used: pods=5, limited: pods=5"
        );
        var pod = await silo.StartPod();

        var failed = await watch.WaitUntil(pod, PodPhase.Failed);
        (failed.Reason, failed.NextStartAt is null).ShouldBe((PodReasons.QuotaExceeded, false));
        failed.Message!.ShouldContain("exceeded quota: models");
        server.Pods.All.ShouldBeEmpty();

        server.Pods.Rejection = null;
        await watch.WaitUntil(pod, PodPhase.Starting);
        server.Node.RunReady(pod.Name.Value);
        await watch.WaitUntil(pod, PodPhase.Ready);
    }

    [Theory]
    [InlineData(422, "spec.containers[0].image: Invalid value")]
    [InlineData(403, "pods \"iris-1-aaaaa\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true")]
    [InlineData(500, "Internal error occurred: failed calling webhook \"policy.example.org\"")]
    public async Task Rejected_pod_is_failed_and_disappears_once_it_is_stopped(int code, string message)
    {
        server.Pods.Rejection = (code, message);
        var pod = await silo.StartPod();
        var failed = await watch.WaitUntil(pod, PodPhase.Failed);
        (failed.Reason, failed.Message).ShouldBe((PodReasons.Rejected, $"Kubernetes rejected the pod: {message}"));

        (await silo.StopPod(pod)).ShouldNotBeNull().Phase.ShouldBe(PodPhase.Ended);
        await KubernetesHost.WaitUntil(() => watch.Last is { Count: 0 }, "the watch no longer reports the pod");
    }

    [Fact]
    public async Task Denial_by_an_API_server_that_just_started_fails_the_pod_only_if_it_lasts()
    {
        var time = new AdvanceableTime(TimeProvider.System.GetUtcNow());
        await using var other = await KubernetesHost.Start(server.KubeConfig, time: time);
        server.Pods.Rejection = (403, Denied);
        await Should.ThrowAsync<HttpOperationException>(() => other.StartPod());
        time.Advance(TimeSpan.FromSeconds(10));
        await Should.ThrowAsync<HttpOperationException>(() => other.StartPod());
        watch.Last.ShouldNotBeNull().ShouldBeEmpty();

        time.Advance(TimeSpan.FromSeconds(10));
        await using var watching = other.Watch();
        var pod = await other.StartPod();
        var failed = await watching.WaitUntil(pod, PodPhase.Failed);
        (failed.Reason, failed.Message).ShouldBe((PodReasons.Rejected, $"Kubernetes rejected the pod: {Denied}"));
    }

    [Fact]
    public async Task Earlier_denial_does_not_count_for_a_much_later_one()
    {
        var time = new AdvanceableTime(TimeProvider.System.GetUtcNow());
        await using var other = await KubernetesHost.Start(server.KubeConfig, time: time);
        server.Pods.Rejection = (403, Denied);
        await Should.ThrowAsync<HttpOperationException>(() => other.StartPod());
        time.Advance(TimeSpan.FromMinutes(10));

        await Should.ThrowAsync<HttpOperationException>(() => other.StartPod());
    }

    [Fact]
    public async Task Quota_update_conflict_is_retried_immediately()
    {
        server.Pods.RejectNext(
            2,
            409,
            "Operation cannot be fulfilled on resourcequotas \"models\": the object has been modified; "
                + "please apply your changes to the latest version and try again"
        );
        var pod = await silo.StartPod();

        (await watch.WaitUntil(pod, seen => true)).Phase.ShouldBe(PodPhase.Starting);
    }

    [Fact]
    public async Task Overloaded_API_server_does_not_fail_the_pod()
    {
        server.Pods.Rejection = (429, "The apiserver is too busy");

        await Should.ThrowAsync<HttpOperationException>(() => silo.StartPod());
    }

    [Fact]
    public async Task Variable_from_a_secret_that_is_not_allowed_is_rejected_by_name()
    {
        var pod = await silo.StartPod(
            KubernetesHost.CreateSpec() with
            {
                Environment = new Dictionary<string, string> { ["TOKEN"] = "secret:deploycard/database" },
            }
        );

        var failed = await watch.WaitUntil(pod, PodPhase.Failed);
        failed.Message.ShouldBe(
            "Variable TOKEN refers to secret 'deploycard', which deployments must not read. "
                + "Add it to Kubernetes:EnvironmentSecrets to allow this."
        );
        server.Pods.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task Pod_on_an_unreachable_node_stays_ready_until_it_is_deleted()
    {
        var pod = await silo.StartPod();
        server.Node.RunReady(pod.Name.Value);
        var ready = await watch.WaitUntil(pod, PodPhase.Ready);
        server.Node.LoseNode(pod.Name.Value);
        // A later change has been seen, so the earlier change has been seen, too.
        var other = await silo.StartPod(KubernetesHost.CreateSpec("iris-1-bbbbb"));
        await watch.WaitUntil(other, PodPhase.Starting);

        watch.Last!.Single(seen => seen.Name == pod.Name).ShouldBe(ready);
        server.Node.SetReady(pod.Name.Value, isReady: false);
        (await watch.WaitUntil(pod, PodPhase.Starting)).Reason.ShouldBe(PodReasons.Unready);
    }

    [Fact]
    public async Task Evicted_pod_is_draining_and_stopping_it_removes_its_object_immediately()
    {
        var pod = await silo.StartPod();
        server.Node.RunReady(pod.Name.Value);
        await watch.WaitUntil(pod, PodPhase.Ready);
        server.Node.Evict(pod.Name.Value, "The node was low on resource: memory.");
        await watch.WaitUntil(pod, PodPhase.Draining);

        var last = (await silo.StopPod(pod, seconds: 3600)).ShouldNotBeNull();
        (last.Phase, last.Reason, last.Message).ShouldBe((PodPhase.Ended, "Evicted", "The node was low on resource: memory."));
        server.Pods.All.ShouldBeEmpty();
    }

    [Fact]
    public async Task Disrupted_pod_shows_the_reason_of_Kubernetes()
    {
        var pod = await silo.StartPod();
        server.Node.RunReady(pod.Name.Value);
        await watch.WaitUntil(pod, PodPhase.Ready);
        server.Node.Disrupt(pod.Name.Value, "EvictionByEvictionAPI", "Eviction API: evicting");

        var draining = await watch.WaitUntil(pod, PodPhase.Draining);
        (draining.Reason, draining.Message).ShouldBe(("EvictionByEvictionAPI", "Kubernetes removes the pod: Eviction API: evicting"));
        server.Node.Crash(pod.Name.Value, 143);
        await watch.WaitUntil(pod, seen => seen.ExitCode is 143);
        server.Pods.Remove(pod.Name.Value);
        var last = (await silo.StopPod(pod)).ShouldNotBeNull();
        (last.Phase, last.Reason, last.ExitCode).ShouldBe((PodPhase.Ended, "EvictionByEvictionAPI", 143));
    }
}
