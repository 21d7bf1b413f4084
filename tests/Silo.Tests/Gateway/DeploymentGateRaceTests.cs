using System.Collections.Concurrent;
using DeployCard.Grains.Pods;
using DeployCard.Silo.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>What only real threads show. Each of these ends by itself when the gate is right; the bound is for when it is not.</summary>
public sealed class DeploymentGateRaceTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private readonly DeploymentGate gate = new(Routes.Iris, Routes.Traffic, _ => { }, TimeProvider.System);
    private readonly ConcurrentQueue<string> wrong = [];

    [Fact]
    public async Task A_removed_pod_that_was_seen_empty_never_gets_another_request()
    {
        const int Pods = 3000;
        const int Concurrency = 2;
        var seenEmpty = 0;
        gate.Take(Routes.Of(1, "1").Concurrency(Concurrency));
        using var ended = new CancellationTokenSource();
        var requests = Enumerable.Range(0, 4).Select(_ => OnThread(Request)).ToList();

        await OnThread(Replace).WaitAsync(Bound, TimeProvider.System, TestContext.Current.CancellationToken);
        await ended.CancelAsync();
        await Task.WhenAll(requests).WaitAsync(Bound, TimeProvider.System, TestContext.Current.CancellationToken);

        wrong.ShouldBeEmpty();
        gate.InFlight.ShouldBe(0);

        void Replace()
        {
            for (var n = 2; n <= Pods; n++)
            {
                gate.Take(Routes.Of(n, $"{n}").Concurrency(Concurrency));
                var removed = new PodName($"{n - 1}");
                while (gate.InFlightOf(removed) > 0)
                    Thread.Yield();
                // From here on a deployment stops the pod.
                Volatile.Write(ref seenEmpty, n - 1);
            }
        }

        void Request()
        {
            while (!ended.IsCancellationRequested)
            {
                var (pod, problem, _, _) = Wait(gate.Enter(Bound, isAsync: false, CancellationToken.None));
                if (pod is null)
                {
                    wrong.Enqueue(problem!.Code);
                    continue;
                }

                if (pod.InFlight > Concurrency)
                    wrong.Enqueue($"pod {pod.Pod.Name} has {pod.InFlight} requests");
                if (Volatile.Read(ref seenEmpty) is var empty && int.Parse(pod.Pod.Name.Value) <= empty)
                    wrong.Enqueue($"a request is at pod {pod.Pod.Name} after pod {empty} was seen empty");
                gate.Release(pod);
            }
        }
    }

    [Fact]
    public async Task Nobody_waits_beside_a_free_place()
    {
        const int Rounds = 100_000;
        gate.Take(Routes.Of(1, "a"));
        var begun = 0;
        var ended = 0;

        // In each round one request gives the only place back in the moment in which the other one asks for it.
        await Task.WhenAll(OnThread(GiveBack), OnThread(Ask)).WaitAsync(Bound, TimeProvider.System, TestContext.Current.CancellationToken);

        wrong.ShouldBeEmpty();
        gate.Waiting.ShouldBe(0);
        gate.InFlight.ShouldBe(0);

        void GiveBack()
        {
            for (var n = 1; n <= Rounds; n++)
            {
                var held = Wait(gate.Enter(Bound, isAsync: false, CancellationToken.None)).Pod!;
                Volatile.Write(ref begun, n);
                Thread.SpinWait(n % 40);
                gate.Release(held);
                SpinWait.SpinUntil(() => Volatile.Read(ref ended) == n);
            }
        }

        void Ask()
        {
            for (var n = 1; n <= Rounds; n++)
            {
                SpinWait.SpinUntil(() => Volatile.Read(ref begun) == n);
                var request = gate.Enter(Bound, isAsync: false, CancellationToken.None).AsTask();
                if (!((IAsyncResult)request).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(5)))
                {
                    wrong.Enqueue($"round {n}: it waits though the place is free");
                    gate.Take(Routes.Of(n + 1, "a"));
                }

                gate.Release(Wait(new ValueTask<Admission>(request)).Pod!);
                Volatile.Write(ref ended, n);
            }
        }
    }

    [Fact]
    public async Task Every_request_of_many_gets_its_turn()
    {
        const int Requests = 20_000;
        const int Concurrency = 3;
        gate.Take(Routes.Of(1, "a", "b").Concurrency(Concurrency));
        var left = Requests;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OnThread(Request)))
            .WaitAsync(Bound, TimeProvider.System, TestContext.Current.CancellationToken);

        wrong.ShouldBeEmpty();
        gate.Waiting.ShouldBe(0);
        gate.InFlight.ShouldBe(0);

        void Request()
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var (pod, problem, _, _) = Wait(gate.Enter(Bound, isAsync: false, CancellationToken.None));
                if (pod is null)
                {
                    wrong.Enqueue(problem!.Code);
                    continue;
                }

                if (pod.InFlight > Concurrency)
                    wrong.Enqueue($"pod {pod.Pod.Name} has {pod.InFlight} requests");
                Thread.Yield();
                gate.Release(pod);
            }
        }
    }

    [Fact]
    public async Task A_place_given_to_a_client_that_goes_at_this_moment_is_not_lost()
    {
        const int Rounds = 5_000;
        gate.Take(Routes.Of(1, "a"));

        for (var n = 0; n < Rounds; n++)
        {
            var held = (await gate.Enter(Bound, isAsync: false, CancellationToken.None)).Pod!;
            using var client = new CancellationTokenSource();
            var request = gate.Enter(Bound, isAsync: false, client.Token).AsTask();
            await Task.WhenAll(Task.Run(client.Cancel, CancellationToken.None), Task.Run(() => gate.Release(held), CancellationToken.None));
            if ((await request).Pod is { } pod)
                gate.Release(pod);
            gate.InFlight.ShouldBe(0);
            gate.Waiting.ShouldBe(0);
        }
    }

    private static Task OnThread(Action run) =>
        Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Admission Wait(ValueTask<Admission> request) => request.AsTask().GetAwaiter().GetResult();
}
