using System.Collections.Concurrent;
using DeployCard.Contracts.Names;
using DeployCard.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

/// <summary>
/// Race conditions of the gate on real threads. The tests end quickly if the gate is correct; the timeout applies only if it is not.
/// </summary>
public sealed class DeploymentGateRaceTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly DeploymentGate gate = new(Routes.Iris, Routes.Traffic, _ => { }, TimeProvider.System);
    private readonly ConcurrentQueue<string> wrong = [];

    [Fact]
    public async Task Removed_pod_that_was_seen_idle_gets_no_further_request()
    {
        const int Pods = 3000;
        const int Concurrency = 2;
        var seenEmpty = 0;
        gate.Apply(Routes.Create(1, "1").WithConcurrency(Concurrency));
        using var ended = new CancellationTokenSource();
        var requests = Enumerable.Range(0, 4).Select(_ => OnThread(Request)).ToList();

        await OnThread(Replace).WaitAsync(Timeout, TimeProvider.System, TestContext.Current.CancellationToken);
        await ended.CancelAsync();
        await Task.WhenAll(requests).WaitAsync(Timeout, TimeProvider.System, TestContext.Current.CancellationToken);

        wrong.ShouldBeEmpty();
        gate.InFlight.ShouldBe(0);

        void Replace()
        {
            for (var n = 2; n <= Pods; n++)
            {
                gate.Apply(Routes.Create(n, $"{n}").WithConcurrency(Concurrency));
                var removed = new PodName($"{n - 1}");
                while (gate.GetInFlight(removed) > 0)
                    Thread.Yield();
                // From here on the deployment may stop the pod.
                Volatile.Write(ref seenEmpty, n - 1);
            }
        }

        void Request()
        {
            while (!ended.IsCancellationRequested)
            {
                var (pod, problem, _, _) = Wait(gate.Acquire(Timeout, isAsync: false, CancellationToken.None));
                if (pod is null)
                {
                    wrong.Enqueue(problem!.Code);
                    continue;
                }

                if (pod.InFlight > Concurrency)
                    wrong.Enqueue($"pod {pod.Pod.Name} has {pod.InFlight} requests");
                if (Volatile.Read(ref seenEmpty) is var empty && int.Parse(pod.Pod.Name.Value) <= empty)
                    wrong.Enqueue($"pod {pod.Pod.Name} has a request after pod {empty} was seen idle");
                gate.Release(pod);
            }
        }
    }

    [Fact]
    public async Task Request_does_not_wait_while_a_slot_is_free()
    {
        const int Rounds = 100_000;
        gate.Apply(Routes.Create(1, "a"));
        var begun = 0;
        var ended = 0;

        // In each round, one request releases the only slot at the moment when the other request tries to acquire a slot.
        await Task.WhenAll(OnThread(ReleaseSlot), OnThread(RequestSlot))
            .WaitAsync(Timeout, TimeProvider.System, TestContext.Current.CancellationToken);

        wrong.ShouldBeEmpty();
        gate.Waiting.ShouldBe(0);
        gate.InFlight.ShouldBe(0);

        void ReleaseSlot()
        {
            for (var n = 1; n <= Rounds; n++)
            {
                var held = Wait(gate.Acquire(Timeout, isAsync: false, CancellationToken.None)).Pod!;
                Volatile.Write(ref begun, n);
                Thread.SpinWait(n % 40);
                gate.Release(held);
                SpinWait.SpinUntil(() => Volatile.Read(ref ended) == n);
            }
        }

        void RequestSlot()
        {
            for (var n = 1; n <= Rounds; n++)
            {
                SpinWait.SpinUntil(() => Volatile.Read(ref begun) == n);
                var request = gate.Acquire(Timeout, isAsync: false, CancellationToken.None).AsTask();
                if (!((IAsyncResult)request).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(5)))
                {
                    wrong.Enqueue($"round {n}: the request waits although the slot is free");
                    gate.Apply(Routes.Create(n + 1, "a"));
                }

                gate.Release(Wait(new ValueTask<Admission>(request)).Pod!);
                Volatile.Write(ref ended, n);
            }
        }
    }

    [Fact]
    public async Task All_of_many_requests_are_admitted()
    {
        const int Requests = 20_000;
        const int Concurrency = 3;
        gate.Apply(Routes.Create(1, "a", "b").WithConcurrency(Concurrency));
        var left = Requests;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => OnThread(Request)))
            .WaitAsync(Timeout, TimeProvider.System, TestContext.Current.CancellationToken);

        wrong.ShouldBeEmpty();
        gate.Waiting.ShouldBe(0);
        gate.InFlight.ShouldBe(0);

        void Request()
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var (pod, problem, _, _) = Wait(gate.Acquire(Timeout, isAsync: false, CancellationToken.None));
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
    public async Task Slot_granted_to_a_disconnecting_client_is_not_lost()
    {
        const int Rounds = 5_000;
        gate.Apply(Routes.Create(1, "a"));

        for (var n = 0; n < Rounds; n++)
        {
            var held = (await gate.Acquire(Timeout, isAsync: false, CancellationToken.None)).Pod!;
            using var client = new CancellationTokenSource();
            var request = gate.Acquire(Timeout, isAsync: false, client.Token).AsTask();
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
