using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;
using DeployCard.Gateway;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class DeploymentGateTests
{
    private static readonly PodName A = new("a");

    private readonly FakeTimeProvider time = new();
    private readonly List<int> waits = [];
    private readonly DeploymentGate gate;

    public DeploymentGateTests() => gate = new(Routes.Iris, Routes.Traffic, g => waits.Add(g.Waiting), time);

    private Task<Admission> Acquire(bool isAsync = false) => gate.Acquire(Routes.WaitTimeout, isAsync, CancellationToken.None).AsTask();

    private Task<Admission> AcquireFor(CancellationToken client) => gate.Acquire(Routes.WaitTimeout, isAsync: false, client).AsTask();

    /// <summary>Occupies the only slot of pod <c>a</c>.</summary>
    private async Task<PodDestination> Fill()
    {
        gate.Apply(Routes.Create(1, "a"));
        return (await Acquire()).Pod!;
    }

    private static async Task<string> Code(Task<Admission> request)
    {
        var (pod, problem, _, _) = await request;
        pod.ShouldBeNull();
        return problem.ShouldNotBeNull().Code;
    }

    [Fact]
    public async Task Free_pod_is_acquired_immediately()
    {
        gate.Apply(Routes.Create(1, "a"));

        var request = gate.Acquire(Routes.WaitTimeout, isAsync: false, CancellationToken.None);

        request.IsCompletedSuccessfully.ShouldBeTrue();
        var (pod, problem, waited, _) = await request;
        pod!.Pod.Name.ShouldBe(A);
        problem.ShouldBeNull();
        waited.ShouldBe(TimeSpan.Zero);
        waits.ShouldBeEmpty();
    }

    [Fact]
    public void Route_with_unknown_pods_keeps_the_previous_pods()
    {
        gate.Apply(Routes.Create(1, "a"));

        gate.Apply(Routes.Create(2) with { ArePodsKnown = false });

        gate.Current!.Route.Version.ShouldBe(2);
        gate.Current.Pods.ShouldHaveSingleItem().Pod.Name.ShouldBe(A);
    }

    [Fact]
    public async Task Waiting_requests_are_admitted_in_order_of_arrival()
    {
        var pod = await Fill();
        Task<Admission>[] requests = [.. Enumerable.Range(0, 5).Select(n => Acquire(isAsync: n % 2 == 0))];

        for (var next = 0; next < requests.Length; next++)
        {
            gate.Release(pod);

            (await requests[next]).Pod.ShouldBeSameAs(pod);
            requests[(next + 1)..].ShouldAllBe(later => !later.IsCompleted);
        }
    }

    [Fact]
    public async Task Async_call_waits_for_a_full_pod_without_timeout()
    {
        var pod = await Fill();
        var call = Acquire(isAsync: true);

        for (var minute = 0; minute < 60; minute++)
            time.Advance(TimeSpan.FromMinutes(1));

        call.IsCompleted.ShouldBeFalse();
        gate.Release(pod);
        (await call).Pod.ShouldBeSameAs(pod);
    }

    [Fact]
    public async Task Async_call_times_out_without_a_ready_pod()
    {
        await Fill();
        var call = Acquire(isAsync: true);
        time.Advance(Routes.WaitTimeout * 2);
        gate.Apply(Routes.Create(2));

        time.Advance(Routes.WaitTimeout - TimeSpan.FromSeconds(2));
        call.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(3));

        (await Code(call)).ShouldBe("POD_WAIT_TIMEOUT");
    }

    [Fact]
    public async Task Unreachable_pod_does_not_count_as_ready()
    {
        var pod = await Fill();
        var call = Acquire(isAsync: true);

        pod.TryEject();
        time.Advance(Routes.WaitTimeout + TimeSpan.FromSeconds(1));

        (await Code(call)).ShouldBe("POD_WAIT_TIMEOUT");
    }

    [Fact]
    public async Task Sync_and_async_requests_do_not_starve_each_other()
    {
        var pod = await Fill();
        // One request of each kind always waits, because each admitted request is followed by another request of its kind.
        Queue<(bool IsAsync, Task<Admission> Place)> waiting = new([(true, Acquire(isAsync: true)), (false, Acquire())]);
        var served = new List<bool>();
        for (var i = 0; i < 100; i++)
        {
            gate.Release(pod);
            var (isAsync, place) = waiting.Dequeue();
            (await place).Pod.ShouldBeSameAs(pod);
            served.Add(isAsync);
            waiting.Enqueue((isAsync, Acquire(isAsync)));
        }

        served.Count(isAsync => isAsync).ShouldBe(50);
    }

    [Fact]
    public async Task New_request_does_not_overtake_waiting_requests()
    {
        var pod = await Fill();
        var first = Acquire();
        var second = Acquire();

        gate.Release(pod);
        await first;
        gate.Apply(Routes.Create(2, "a", "b"));

        (await second).Pod!.Pod.Name.Value.ShouldBe("b");
        Acquire().IsCompleted.ShouldBeFalse();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Pod_gets_at_most_its_concurrency_limit(int concurrency)
    {
        gate.Apply(Routes.Create(1, "a", "b").WithConcurrency(concurrency));

        for (var n = 0; n < 2 * concurrency; n++)
            (await Acquire()).Pod.ShouldNotBeNull();

        Acquire().IsCompleted.ShouldBeFalse();
        gate.GetInFlight(A).ShouldBe(concurrency);
        gate.InFlight.ShouldBe(2 * concurrency);
        gate.Waiting.ShouldBe(1);
    }

    [Fact]
    public async Task Concurrency_of_zero_means_unlimited()
    {
        gate.Apply(Routes.Create(1, "a").WithConcurrency(0));

        for (var n = 0; n < 1000; n++)
            (await Acquire()).Pod.ShouldNotBeNull();

        gate.GetInFlight(A).ShouldBe(1000);
    }

    [Fact]
    public async Task Full_queue_rejects_the_next_request()
    {
        gate.Apply(Routes.Create(1).WithQueueLength(2));
        var waiting = new[] { Acquire(), Acquire() };

        (await Code(Acquire())).ShouldBe("QUEUE_FULL");
        waiting.ShouldAllBe(request => !request.IsCompleted);
    }

    [Fact]
    public async Task Queue_of_length_zero_rejects_only_requests_that_would_wait()
    {
        gate.Apply(Routes.Create(1, "a").WithQueueLength(0));

        (await Acquire()).Pod.ShouldNotBeNull();
        (await Code(Acquire())).ShouldBe("QUEUE_FULL");
    }

    [Fact]
    public void Async_call_waits_despite_a_full_queue()
    {
        gate.Apply(Routes.Create(1).WithQueueLength(1));
        _ = Acquire();

        Acquire(isAsync: true).IsCompleted.ShouldBeFalse();
        gate.Waiting.ShouldBe(2);
    }

    [Fact]
    public async Task Request_that_waits_too_long_times_out_and_leaves_the_queue()
    {
        gate.Apply(Routes.Create(1).WithQueueLength(1));
        var request = gate.Acquire(TimeSpan.FromSeconds(10), isAsync: false, CancellationToken.None).AsTask();

        time.Advance(TimeSpan.FromSeconds(9.9));
        request.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(0.1));

        var (pod, problem, waited, _) = await request;
        pod.ShouldBeNull();
        problem!.Code.ShouldBe("POD_WAIT_TIMEOUT");
        problem.Detail.ShouldContain("10 s");
        waited.ShouldBe(TimeSpan.FromSeconds(10));
        gate.Waiting.ShouldBe(0);
        Acquire().IsCompleted.ShouldBeFalse("the queue of length 1 has room again");
    }

    [Fact]
    public async Task Disconnected_client_leaves_the_queue()
    {
        var pod = await Fill();
        using var client = new CancellationTokenSource();
        var disconnected = AcquireFor(client.Token);
        var next = Acquire();

        await client.CancelAsync();

        (await Code(disconnected)).ShouldBe("CLIENT_CLOSED_REQUEST");
        gate.Waiting.ShouldBe(1);
        gate.Release(pod);
        (await next).Pod.ShouldBeSameAs(pod);
    }

    [Fact]
    public async Task Client_that_disconnected_earlier_is_not_queued()
    {
        gate.Apply(Routes.Create(1));

        (await Code(AcquireFor(new(canceled: true)))).ShouldBe("CLIENT_CLOSED_REQUEST");
        gate.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Admission_reports_the_waiting_time()
    {
        var pod = await Fill();
        var request = Acquire();

        time.Advance(TimeSpan.FromSeconds(3));
        gate.Release(pod);

        (await request).Waited.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void Start_of_a_wait_is_notified()
    {
        gate.Apply(Routes.Create(1));

        _ = Acquire();
        _ = Acquire();

        waits.ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Thousand_waiting_requests_are_admitted_when_a_pod_appears()
    {
        gate.Apply(Routes.Create(1).WithConcurrency(0));
        Task<Admission>[] requests = [.. Enumerable.Range(0, 1000).Select(_ => Acquire())];

        gate.Apply(Routes.Create(2, "a").WithConcurrency(0));

        (await Task.WhenAll(requests)).ShouldAllBe(admission => admission.Pod!.Pod.Name == A);
        gate.Waiting.ShouldBe(0);
        gate.GetInFlight(A).ShouldBe(1000);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Route_that_is_not_newer_is_ignored(long version)
    {
        gate.Apply(Routes.Create(5, "a"));

        gate.Apply(Routes.Create(version, "b").WithState(RouteState.Stopped));

        gate.Current!.Route.Version.ShouldBe(5);
        (await Acquire()).Pod!.Pod.Name.ShouldBe(A);
    }

    [Fact]
    public async Task Removed_pod_still_reports_its_requests_in_flight()
    {
        var pod = await Fill();

        gate.Apply(Routes.Create(2, "b"));

        gate.GetInFlight(A).ShouldBe(1);
        gate.InFlight.ShouldBe(1);
        gate.Release(pod);
        gate.GetInFlight(A).ShouldBe(0);
        (await Acquire()).Pod!.Pod.Name.Value.ShouldBe("b");
    }

    [Fact]
    public async Task Long_requests_of_a_removed_pod_stay_counted()
    {
        await Fill();

        for (var version = 2; version < 6; version++)
        {
            time.Advance(TimeSpan.FromMinutes(10));
            gate.Apply(Routes.Create(version, "b"));
        }

        gate.GetInFlight(A).ShouldBe(1);
    }

    [Fact]
    public async Task Returning_pod_keeps_its_requests_in_flight()
    {
        var pod = await Fill();

        gate.Apply(Routes.Create(2));
        gate.Apply(Routes.Create(3, "a"));

        gate.GetInFlight(A).ShouldBe(1);
        var next = Acquire();
        next.IsCompleted.ShouldBeFalse("the pod's only slot is occupied");
        gate.Release(pod);
        (await next).Pod.ShouldBeSameAs(pod);
    }

    [Fact]
    public async Task Pod_with_a_new_address_is_a_different_destination()
    {
        var before = await Fill();

        gate.Apply(Routes.Create(2) with { Pods = [new(A, new("http://127.0.0.1:9001"), 1)] });

        var (pod, _, _, _) = await Acquire();
        pod!.Origin.ShouldBe("http://127.0.0.1:9001");
        gate.GetInFlight(A).ShouldBe(2);
        gate.Release(before);
        gate.GetInFlight(A).ShouldBe(1);
    }

    [Fact]
    public async Task Pod_failure_rejects_sync_waiters_and_keeps_async_waiters()
    {
        gate.Apply(Routes.Create(1));
        var request = Acquire();
        var call = Acquire(isAsync: true);

        gate.Apply(Routes.Create(2).WithFailure(time.GetUtcNow(), "loading", "ModuleNotFoundError: torch"));

        var problem = (await request).Problem!;
        problem.Code.ShouldBe("POD_FAILED");
        problem.Detail.ShouldContain("exit code 3");
        problem.Detail.ShouldContain("ModuleNotFoundError: torch");
        call.IsCompleted.ShouldBeFalse();
        gate.Apply(Routes.Create(3, "a"));
        (await call).Pod.ShouldNotBeNull();
    }

    [Fact]
    public async Task New_request_fails_immediately_with_retry_time_while_all_pods_have_failed()
    {
        gate.Apply(Routes.Create(1).WithFailure(time.GetUtcNow()));

        var (pod, problem, _, _) = await Acquire();

        pod.ShouldBeNull();
        problem!.Code.ShouldBe("POD_FAILED");
        problem.RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        Acquire(isAsync: true).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task New_request_fails_immediately_with_default_delay_if_the_retry_time_is_unknown()
    {
        gate.Apply(Routes.Create(1).WithFailure(time.GetUtcNow()) with { RetryAt = DateTimeOffset.MaxValue });

        var problem = (await Acquire()).Problem!;

        problem.Code.ShouldBe("POD_FAILED");
        problem.RetryAfter.ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task New_request_waits_while_a_failed_pod_restarts()
    {
        gate.Apply(Routes.Create(1).WithFailure(time.GetUtcNow()).WithRestartingPod());
        var request = Acquire();
        request.IsCompleted.ShouldBeFalse();

        gate.Apply(Routes.Create(2).WithFailure(time.GetUtcNow()));

        (await Code(request)).ShouldBe("POD_FAILED");
    }

    [Fact]
    public async Task Pod_failure_with_another_ready_pod_rejects_no_request()
    {
        gate.Apply(Routes.Create(1));
        var first = Acquire();
        var second = Acquire();

        gate.Apply(Routes.Create(2, "a").WithFailure(time.GetUtcNow()));

        var pod = (await first).Pod.ShouldNotBeNull();
        second.IsCompleted.ShouldBeFalse();
        gate.Release(pod);
        (await second).Pod.ShouldBeSameAs(pod);
    }

    [Fact]
    public async Task Wait_is_cold_if_no_pod_was_ready_at_its_start()
    {
        gate.Apply(Routes.Create(1));
        var cold = Acquire();
        gate.Apply(Routes.Create(2, "a"));
        var pod = (await cold).Pod!;
        var warm = Acquire();
        gate.Release(pod);

        (await cold).IsCold.ShouldBeTrue();
        (await warm).IsCold.ShouldBeFalse();
    }

    [Fact]
    public async Task Ejected_pod_gets_no_request_until_reinstated()
    {
        gate.Apply(Routes.Create(1, "a", "b").WithConcurrency(0));
        var a = gate.Current!.Pods.Single(p => p.Pod.Name == A);
        a.TryEject().ShouldBeTrue();
        a.TryEject().ShouldBeFalse("the pod is already ejected");

        for (var n = 0; n < 100; n++)
            (await Acquire()).Pod!.Pod.Name.Value.ShouldBe("b");

        gate.IsProbeObsolete(a).ShouldBeFalse();
        gate.Reinstate(a);
        gate.IsProbeObsolete(a).ShouldBeTrue();
        (await Acquire()).Pod.ShouldBeSameAs(a, "the pod has fewer requests");
    }

    [Fact]
    public async Task Waiting_request_is_admitted_when_an_ejected_pod_is_reinstated()
    {
        gate.Apply(Routes.Create(1, "a"));
        var pod = gate.Current!.Pods[0];
        pod.TryEject();
        var request = Acquire();
        request.IsCompleted.ShouldBeFalse();

        gate.Reinstate(pod);

        (await request).Pod.ShouldBeSameAs(pod);
    }

    [Fact]
    public void Ejected_pod_removed_from_the_route_needs_no_probe()
    {
        gate.Apply(Routes.Create(1, "a"));
        var pod = gate.Current!.Pods[0];
        pod.TryEject();

        gate.Apply(Routes.Create(2, "b"));

        gate.IsProbeObsolete(pod).ShouldBeTrue();
    }

    [Fact]
    public async Task Second_attempt_uses_another_pod_or_none()
    {
        gate.Apply(Routes.Create(1, "a", "b"));
        var first = (await Acquire()).Pod!;

        var second = gate.TryAcquireOther(first).ShouldNotBeNull();

        second.ShouldNotBeSameAs(first);
        gate.TryAcquireOther(first).ShouldBeNull("the other pod is full");
        gate.TryAcquireOther(second).ShouldBeNull("the other pod is full");
    }

    [Fact]
    public void Waits_before_a_report_share_one_notification()
    {
        gate.WaitNotification.TryBegin().ShouldBeTrue();
        gate.WaitNotification.TryBegin().ShouldBeFalse();
        gate.WaitNotification.End();
        gate.WaitNotification.TryBegin().ShouldBeTrue();
    }

    [Fact]
    public void Rate_limiters_survive_new_routes_unless_the_rate_changes()
    {
        var key = new Contracts.Keys.KeyEntry("id", new('a', 64), null, 5);
        gate.Apply(Routes.Create(1).WithKeys(key) with { Configuration = new() { RequestsPerSecond = 10 } });
        var (slot, rate) = (gate.Current!.Keys.Single(), gate.Current!.RateLimiter);

        gate.Apply(
            Routes.Create(2, "a").WithKeys(key) with
            {
                Configuration = new() { RequestsPerSecond = 10, Concurrency = 3 },
            }
        );
        gate.Current!.Keys.Single().ShouldBeSameAs(slot);
        gate.Current!.RateLimiter.ShouldBeSameAs(rate);

        gate.Apply(
            Routes.Create(3, "a").WithKeys(key with { RequestsPerSecond = 6 }) with
            {
                Configuration = new() { RequestsPerSecond = 11 },
            }
        );
        gate.Current!.Keys.Single().ShouldNotBeSameAs(slot);
        gate.Current!.RateLimiter.ShouldNotBeSameAs(rate);
    }

    [Theory]
    [InlineData(RouteState.Stopped, "DEPLOYMENT_STOPPED")]
    [InlineData(RouteState.Deleted, "DEPLOYMENT_DELETED")]
    [InlineData(RouteState.Missing, "DEPLOYMENT_NOT_FOUND")]
    internal async Task Deployment_that_accepts_no_requests_rejects_all(RouteState state, string code)
    {
        var pod = await Fill();
        var request = Acquire();
        var call = Acquire(isAsync: true);

        // The route still contains the pods, and one of them has a free slot.
        gate.Apply(Routes.Create(2, "a", "b").WithState(state));

        (await Code(request)).ShouldBe(code);
        (await Code(call)).ShouldBe(code);
        (await Code(Acquire())).ShouldBe(code);
        (await Code(Acquire(isAsync: true))).ShouldBe(code);
        gate.GetInFlight(A).ShouldBe(1);
        gate.Release(pod);
        gate.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task Restarted_deployment_serves_again()
    {
        gate.Apply(Routes.Create(1, "a").WithState(RouteState.Stopped));

        gate.Apply(Routes.Create(2, "a"));

        (await Acquire()).Pod.ShouldNotBeNull();
    }

    [Fact]
    public async Task Last_activity_is_the_last_arrival_or_end_of_a_request()
    {
        var pod = await Fill();
        time.Advance(TimeSpan.FromSeconds(7));

        gate.Release(pod);

        gate.LastActivityAt.ShouldBe(time.GetUtcNow());
        time.Advance(TimeSpan.FromSeconds(1));
        gate.Apply(Routes.Create(2, "a"));
        gate.LastActivityAt.ShouldBe(time.GetUtcNow().AddSeconds(-1));
    }
}
