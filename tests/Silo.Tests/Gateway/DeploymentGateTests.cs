using DeployCard.Grains.Pods;
using DeployCard.Grains.Routing;
using DeployCard.Silo.Gateway;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class DeploymentGateTests
{
    private static readonly PodName A = new("a");

    private readonly FakeTimeProvider time = new();
    private readonly List<int> waits = [];
    private readonly DeploymentGate gate;

    public DeploymentGateTests() => gate = new(Routes.Iris, Routes.Traffic, g => waits.Add(g.Waiting), time);

    private Task<Admission> Enter(bool isAsync = false) => gate.Enter(Routes.Patience, isAsync, CancellationToken.None).AsTask();

    private Task<Admission> EnterFor(CancellationToken client) => gate.Enter(Routes.Patience, isAsync: false, client).AsTask();

    /// <summary>Takes the only place that pod <c>a</c> has.</summary>
    private async Task<PodSlot> Fill()
    {
        gate.Take(Routes.Of(1, "a"));
        return (await Enter()).Pod!;
    }

    private static async Task<string> Code(Task<Admission> request)
    {
        var (pod, problem, _, _) = await request;
        pod.ShouldBeNull();
        return problem.ShouldNotBeNull().Code;
    }

    [Fact]
    public async Task A_free_pod_is_given_at_once()
    {
        gate.Take(Routes.Of(1, "a"));

        var request = gate.Enter(Routes.Patience, isAsync: false, CancellationToken.None);

        request.IsCompletedSuccessfully.ShouldBeTrue();
        var (pod, problem, waited, _) = await request;
        pod!.Pod.Name.ShouldBe(A);
        problem.ShouldBeNull();
        waited.ShouldBe(TimeSpan.Zero);
        waits.ShouldBeEmpty();
    }

    [Fact]
    public void A_route_that_does_not_know_its_pods_yet_leaves_those_that_are_there()
    {
        gate.Take(Routes.Of(1, "a"));

        gate.Take(Routes.Of(2) with { ArePodsKnown = false });

        gate.Current!.Route.Version.ShouldBe(2);
        gate.Current.Pods.ShouldHaveSingleItem().Pod.Name.ShouldBe(A);
    }

    [Fact]
    public async Task Requests_are_let_in_in_the_order_of_their_arrival()
    {
        var pod = await Fill();
        Task<Admission>[] requests = [.. Enumerable.Range(0, 5).Select(n => Enter(isAsync: n % 2 == 0))];

        for (var next = 0; next < requests.Length; next++)
        {
            gate.Release(pod);

            (await requests[next]).Pod.ShouldBeSameAs(pod);
            requests[(next + 1)..].ShouldAllBe(later => !later.IsCompleted);
        }
    }

    [Fact]
    public async Task An_asynchronous_call_waits_for_a_place_at_a_full_pod_however_long_it_takes()
    {
        var pod = await Fill();
        var call = Enter(isAsync: true);

        for (var minute = 0; minute < 60; minute++)
            time.Advance(TimeSpan.FromMinutes(1));

        call.IsCompleted.ShouldBeFalse();
        gate.Release(pod);
        (await call).Pod.ShouldBeSameAs(pod);
    }

    [Fact]
    public async Task An_asynchronous_call_gives_up_when_no_pod_was_ready_for_its_patience()
    {
        await Fill();
        var call = Enter(isAsync: true);
        time.Advance(Routes.Patience * 2);
        gate.Take(Routes.Of(2));

        time.Advance(Routes.Patience - TimeSpan.FromSeconds(2));
        call.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(3));

        (await Code(call)).ShouldBe("POD_WAIT_TIMEOUT");
    }

    [Fact]
    public async Task A_pod_that_cannot_be_reached_is_none_that_is_ready()
    {
        var pod = await Fill();
        var call = Enter(isAsync: true);

        pod.TakeOut();
        time.Advance(Routes.Patience + TimeSpan.FromSeconds(1));

        (await Code(call)).ShouldBe("POD_WAIT_TIMEOUT");
    }

    [Fact]
    public async Task Neither_kind_of_request_keeps_the_other_from_the_pods()
    {
        var pod = await Fill();
        // As many asynchronous calls as a queue has wait at once, and each that ends is followed by the next; so with those of one client.
        Queue<(bool IsAsync, Task<Admission> Place)> waiting = new([(true, Enter(isAsync: true)), (false, Enter())]);
        var served = new List<bool>();
        for (var i = 0; i < 100; i++)
        {
            gate.Release(pod);
            var (isAsync, place) = waiting.Dequeue();
            (await place).Pod.ShouldBeSameAs(pod);
            served.Add(isAsync);
            waiting.Enqueue((isAsync, Enter(isAsync)));
        }

        served.Count(isAsync => isAsync).ShouldBe(50);
    }

    [Fact]
    public async Task A_newcomer_does_not_pass_those_who_wait()
    {
        var pod = await Fill();
        var first = Enter();
        var second = Enter();

        gate.Release(pod);
        await first;
        gate.Take(Routes.Of(2, "a", "b"));

        (await second).Pod!.Pod.Name.Value.ShouldBe("b");
        Enter().IsCompleted.ShouldBeFalse();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Each_pod_gets_so_many_requests_as_it_may_have(int concurrency)
    {
        gate.Take(Routes.Of(1, "a", "b").Concurrency(concurrency));

        for (var n = 0; n < 2 * concurrency; n++)
            (await Enter()).Pod.ShouldNotBeNull();

        Enter().IsCompleted.ShouldBeFalse();
        gate.InFlightOf(A).ShouldBe(concurrency);
        gate.InFlight.ShouldBe(2 * concurrency);
        gate.Waiting.ShouldBe(1);
    }

    [Fact]
    public async Task Zero_is_no_limit()
    {
        gate.Take(Routes.Of(1, "a").Concurrency(0));

        for (var n = 0; n < 1000; n++)
            (await Enter()).Pod.ShouldNotBeNull();

        gate.InFlightOf(A).ShouldBe(1000);
    }

    [Fact]
    public async Task A_full_queue_refuses_the_next_one()
    {
        gate.Take(Routes.Of(1).QueueLength(2));
        var waiting = new[] { Enter(), Enter() };

        (await Code(Enter())).ShouldBe("QUEUE_FULL");
        waiting.ShouldAllBe(request => !request.IsCompleted);
    }

    [Fact]
    public async Task A_queue_of_no_length_refuses_who_would_wait_only()
    {
        gate.Take(Routes.Of(1, "a").QueueLength(0));

        (await Enter()).Pod.ShouldNotBeNull();
        (await Code(Enter())).ShouldBe("QUEUE_FULL");
    }

    [Fact]
    public void An_asynchronous_call_waits_beside_a_full_queue()
    {
        gate.Take(Routes.Of(1).QueueLength(1));
        _ = Enter();

        Enter(isAsync: true).IsCompleted.ShouldBeFalse();
        gate.Waiting.ShouldBe(2);
    }

    [Fact]
    public async Task Who_waits_too_long_is_told_and_gives_up_the_place()
    {
        gate.Take(Routes.Of(1).QueueLength(1));
        var request = gate.Enter(TimeSpan.FromSeconds(10), isAsync: false, CancellationToken.None).AsTask();

        time.Advance(TimeSpan.FromSeconds(9.9));
        request.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(0.1));

        var (pod, problem, waited, _) = await request;
        pod.ShouldBeNull();
        problem!.Code.ShouldBe("POD_WAIT_TIMEOUT");
        problem.Detail.ShouldContain("10 s");
        waited.ShouldBe(TimeSpan.FromSeconds(10));
        gate.Waiting.ShouldBe(0);
        Enter().IsCompleted.ShouldBeFalse("the queue of one has room again");
    }

    [Fact]
    public async Task A_client_that_goes_gives_up_the_place()
    {
        var pod = await Fill();
        using var client = new CancellationTokenSource();
        var gone = EnterFor(client.Token);
        var next = Enter();

        await client.CancelAsync();

        (await Code(gone)).ShouldBe("CLIENT_CLOSED_REQUEST");
        gate.Waiting.ShouldBe(1);
        gate.Release(pod);
        (await next).Pod.ShouldBeSameAs(pod);
    }

    [Fact]
    public async Task A_client_that_has_gone_already_leaves_nothing_behind()
    {
        gate.Take(Routes.Of(1));

        (await Code(EnterFor(new(canceled: true)))).ShouldBe("CLIENT_CLOSED_REQUEST");
        gate.Waiting.ShouldBe(0);
    }

    [Fact]
    public async Task Who_waited_learns_how_long()
    {
        var pod = await Fill();
        var request = Enter();

        time.Advance(TimeSpan.FromSeconds(3));
        gate.Release(pod);

        (await request).Waited.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void The_gate_tells_that_somebody_began_to_wait()
    {
        gate.Take(Routes.Of(1));

        _ = Enter();
        _ = Enter();

        waits.ShouldBe([1, 2]);
    }

    [Fact]
    public async Task A_thousand_who_wait_are_let_in_when_a_pod_appears()
    {
        gate.Take(Routes.Of(1).Concurrency(0));
        Task<Admission>[] requests = [.. Enumerable.Range(0, 1000).Select(_ => Enter())];

        gate.Take(Routes.Of(2, "a").Concurrency(0));

        (await Task.WhenAll(requests)).ShouldAllBe(admission => admission.Pod!.Pod.Name == A);
        gate.Waiting.ShouldBe(0);
        gate.InFlightOf(A).ShouldBe(1000);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_route_that_is_not_newer_changes_nothing(long version)
    {
        gate.Take(Routes.Of(5, "a"));

        gate.Take(Routes.Of(version, "b").In(RouteState.Stopped));

        gate.Current!.Route.Version.ShouldBe(5);
        (await Enter()).Pod!.Pod.Name.ShouldBe(A);
    }

    [Fact]
    public async Task A_pod_that_the_route_no_longer_names_shows_the_requests_that_it_has()
    {
        var pod = await Fill();

        gate.Take(Routes.Of(2, "b"));

        gate.InFlightOf(A).ShouldBe(1);
        gate.InFlight.ShouldBe(1);
        gate.Release(pod);
        gate.InFlightOf(A).ShouldBe(0);
        (await Enter()).Pod!.Pod.Name.Value.ShouldBe("b");
    }

    [Fact]
    public async Task Requests_of_a_removed_pod_are_seen_however_long_they_take()
    {
        await Fill();

        for (var version = 2; version < 6; version++)
        {
            time.Advance(TimeSpan.FromMinutes(10));
            gate.Take(Routes.Of(version, "b"));
        }

        gate.InFlightOf(A).ShouldBe(1);
    }

    [Fact]
    public async Task A_pod_that_comes_back_has_its_requests_still()
    {
        var pod = await Fill();

        gate.Take(Routes.Of(2));
        gate.Take(Routes.Of(3, "a"));

        gate.InFlightOf(A).ShouldBe(1);
        var next = Enter();
        next.IsCompleted.ShouldBeFalse("its one place is taken");
        gate.Release(pod);
        (await next).Pod.ShouldBeSameAs(pod);
    }

    [Fact]
    public async Task A_pod_that_answers_elsewhere_now_is_another_one()
    {
        var before = await Fill();

        gate.Take(Routes.Of(2) with { Pods = [new(A, new("http://127.0.0.1:9001"), 1)] });

        var (pod, _, _, _) = await Enter();
        pod!.Origin.ShouldBe("http://127.0.0.1:9001");
        gate.InFlightOf(A).ShouldBe(2);
        gate.Release(before);
        gate.InFlightOf(A).ShouldBe(1);
    }

    [Fact]
    public async Task Pods_that_cannot_start_are_told_to_those_who_wait_and_asynchronous_calls_wait_on()
    {
        gate.Take(Routes.Of(1));
        var request = Enter();
        var call = Enter(isAsync: true);

        gate.Take(Routes.Of(2).Failed(time.GetUtcNow(), "loading", "ModuleNotFoundError: torch"));

        var problem = (await request).Problem!;
        problem.Code.ShouldBe("POD_FAILED");
        problem.Detail.ShouldContain("exit code 3");
        problem.Detail.ShouldContain("ModuleNotFoundError: torch");
        call.IsCompleted.ShouldBeFalse();
        gate.Take(Routes.Of(3, "a"));
        (await call).Pod.ShouldNotBeNull();
    }

    [Fact]
    public async Task Who_comes_while_all_pods_have_failed_is_told_at_once_when_they_are_tried_again()
    {
        gate.Take(Routes.Of(1).Failed(time.GetUtcNow()));

        var (pod, problem, _, _) = await Enter();

        pod.ShouldBeNull();
        problem!.Code.ShouldBe("POD_FAILED");
        problem.RetryAfter.ShouldBe(TimeSpan.FromSeconds(1));
        Enter(isAsync: true).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_comes_while_nobody_knows_when_failed_pods_are_tried_again_is_told_at_once_too()
    {
        gate.Take(Routes.Of(1).Failed(time.GetUtcNow()) with { RetryAt = DateTimeOffset.MaxValue });

        var problem = (await Enter()).Problem!;

        problem.Code.ShouldBe("POD_FAILED");
        problem.RetryAfter.ShouldBe(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Who_comes_while_a_failed_pod_starts_again_waits_for_how_that_ends()
    {
        gate.Take(Routes.Of(1).Failed(time.GetUtcNow()).StartingAgain());
        var request = Enter();
        request.IsCompleted.ShouldBeFalse();

        gate.Take(Routes.Of(2).Failed(time.GetUtcNow()));

        (await Code(request)).ShouldBe("POD_FAILED");
    }

    [Fact]
    public async Task A_failure_beside_a_ready_pod_refuses_nobody()
    {
        gate.Take(Routes.Of(1));
        var first = Enter();
        var second = Enter();

        gate.Take(Routes.Of(2, "a").Failed(time.GetUtcNow()));

        var pod = (await first).Pod.ShouldNotBeNull();
        second.IsCompleted.ShouldBeFalse();
        gate.Release(pod);
        (await second).Pod.ShouldBeSameAs(pod);
    }

    [Fact]
    public async Task A_wait_is_cold_where_no_pod_was_ready_when_it_began()
    {
        gate.Take(Routes.Of(1));
        var cold = Enter();
        gate.Take(Routes.Of(2, "a"));
        var pod = (await cold).Pod!;
        var warm = Enter();
        gate.Release(pod);

        (await cold).IsCold.ShouldBeTrue();
        (await warm).IsCold.ShouldBeFalse();
    }

    [Fact]
    public async Task A_pod_that_cannot_be_reached_gets_no_request_until_it_is_put_back()
    {
        gate.Take(Routes.Of(1, "a", "b").Concurrency(0));
        var a = gate.Current!.Pods.Single(p => p.Pod.Name == A);
        a.TakeOut().ShouldBeTrue();
        a.TakeOut().ShouldBeFalse("somebody has said so already");

        for (var n = 0; n < 100; n++)
            (await Enter()).Pod!.Pod.Name.Value.ShouldBe("b");

        gate.NeedsNoProbe(a).ShouldBeFalse();
        gate.PutBack(a);
        gate.NeedsNoProbe(a).ShouldBeTrue();
        (await Enter()).Pod.ShouldBeSameAs(a, "it has fewer requests");
    }

    [Fact]
    public async Task Who_waits_for_pods_that_cannot_be_reached_goes_on_when_one_is_put_back()
    {
        gate.Take(Routes.Of(1, "a"));
        var pod = gate.Current!.Pods[0];
        pod.TakeOut();
        var request = Enter();
        request.IsCompleted.ShouldBeFalse();

        gate.PutBack(pod);

        (await request).Pod.ShouldBeSameAs(pod);
    }

    [Fact]
    public void A_pod_out_of_reach_that_the_route_no_longer_names_needs_no_probe()
    {
        gate.Take(Routes.Of(1, "a"));
        var pod = gate.Current!.Pods[0];
        pod.TakeOut();

        gate.Take(Routes.Of(2, "b"));

        gate.NeedsNoProbe(pod).ShouldBeTrue();
    }

    [Fact]
    public async Task A_second_try_goes_to_another_pod_or_to_none()
    {
        gate.Take(Routes.Of(1, "a", "b"));
        var first = (await Enter()).Pod!;

        var second = gate.EnterOther(first).ShouldNotBeNull();

        second.ShouldNotBeSameAs(first);
        gate.EnterOther(first).ShouldBeNull("the other one is full");
        gate.EnterOther(second).ShouldBeNull("the other one is full");
    }

    [Fact]
    public void The_deployment_is_told_once_for_all_who_begin_to_wait_before_it_is_read()
    {
        gate.BeginTelling().ShouldBeTrue();
        gate.BeginTelling().ShouldBeFalse();
        gate.Telling();
        gate.BeginTelling().ShouldBeTrue();
    }

    [Fact]
    public void A_key_keeps_its_rate_and_use_over_routes_and_another_rate_makes_another_bucket()
    {
        var key = new Grains.Keys.KeyEntry("id", new('a', 64), null, 5);
        gate.Take(Routes.Of(1).Opens(key) with { Limits = new() { RequestsPerSecond = 10 } });
        var (slot, rate) = (gate.Current!.Keys.Single(), gate.Rate);

        gate.Take(
            Routes.Of(2, "a").Opens(key) with
            {
                Limits = new() { RequestsPerSecond = 10, Concurrency = 3 },
            }
        );
        gate.Current!.Keys.Single().ShouldBeSameAs(slot);
        gate.Rate.ShouldBeSameAs(rate);

        gate.Take(Routes.Of(3, "a").Opens(key with { RequestsPerSecond = 6 }) with { Limits = new() { RequestsPerSecond = 11 } });
        gate.Current!.Keys.Single().ShouldNotBeSameAs(slot);
        gate.Rate.ShouldNotBeSameAs(rate);
    }

    [Theory]
    [InlineData(RouteState.Stopped, "DEPLOYMENT_STOPPED")]
    [InlineData(RouteState.Deleted, "DEPLOYMENT_DELETED")]
    [InlineData(RouteState.Missing, "DEPLOYMENT_NOT_FOUND")]
    internal async Task A_deployment_that_takes_no_requests_turns_everybody_away(RouteState state, string code)
    {
        var pod = await Fill();
        var request = Enter();
        var call = Enter(isAsync: true);

        // Its pods are still there, and one of them has a free place.
        gate.Take(Routes.Of(2, "a", "b").In(state));

        (await Code(request)).ShouldBe(code);
        (await Code(call)).ShouldBe(code);
        (await Code(Enter())).ShouldBe(code);
        (await Code(Enter(isAsync: true))).ShouldBe(code);
        gate.InFlightOf(A).ShouldBe(1);
        gate.Release(pod);
        gate.InFlight.ShouldBe(0);
    }

    [Fact]
    public async Task A_deployment_that_is_started_again_serves_again()
    {
        gate.Take(Routes.Of(1, "a").In(RouteState.Stopped));

        gate.Take(Routes.Of(2, "a"));

        (await Enter()).Pod.ShouldNotBeNull();
    }

    [Fact]
    public async Task The_last_use_is_when_the_last_request_came_or_ended()
    {
        var pod = await Fill();
        time.Advance(TimeSpan.FromSeconds(7));

        gate.Release(pod);

        gate.LastUse.ShouldBe(time.GetUtcNow());
        time.Advance(TimeSpan.FromSeconds(1));
        gate.Take(Routes.Of(2, "a"));
        gate.LastUse.ShouldBe(time.GetUtcNow().AddSeconds(-1));
    }
}
