using DeployCard.Domain.Callbacks;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Callbacks;

public sealed class DeliveryLimiterTests
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Slow_host_delays_only_its_own_deliveries()
    {
        var slots = new DeliveryLimiter(4, 2, 100, time);
        (await slots.TryAcquire("slow", MaxWait, Token)).ShouldBeTrue();
        (await slots.TryAcquire("slow", MaxWait, Token)).ShouldBeTrue();
        var third = slots.TryAcquire("slow", MaxWait, Token);

        (await slots.TryAcquire("fast", MaxWait, Token)).ShouldBeTrue();

        third.IsCompleted.ShouldBeFalse();
        slots.Release("slow");
        (await third).ShouldBeTrue();
    }

    [Fact]
    public async Task Hosts_are_served_round_robin_and_in_order_of_arrival_per_host()
    {
        var slots = new DeliveryLimiter(1, 1, 100, time);
        (await slots.TryAcquire("first", MaxWait, Token)).ShouldBeTrue();
        var waiting = new[] { "a1", "a2", "a3", "b1", "b2", "c1" }
            .Select(name => (Name: name, Turn: slots.TryAcquire(name[..1], MaxWait, Token)))
            .ToList();

        var order = new List<string>();
        var last = "first";
        while (waiting.Count > 0)
        {
            slots.Release(last);
            await Task.WhenAny(waiting.Select(w => w.Turn));
            var next = waiting.Single(w => w.Turn.IsCompleted);
            waiting.Remove(next);
            order.Add(next.Name);
            last = next.Name[..1];
        }

        order.ShouldBe(["a1", "b1", "c1", "a2", "b2", "a3"]);
    }

    [Fact]
    public async Task Wait_that_times_out_is_rejected_and_takes_no_slot()
    {
        var slots = new DeliveryLimiter(1, 1, 100, time);
        (await slots.TryAcquire("a", MaxWait, Token)).ShouldBeTrue();
        var late = slots.TryAcquire("a", MaxWait, Token);
        var patient = slots.TryAcquire("a", MaxWait * 3, Token);

        time.Advance(MaxWait);

        (await late).ShouldBeFalse();
        slots.Release("a");
        (await patient).ShouldBeTrue();
        slots.Release("a");
        (await slots.TryAcquire("a", MaxWait, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Canceled_wait_takes_no_slot()
    {
        var slots = new DeliveryLimiter(1, 1, 100, time);
        (await slots.TryAcquire("a", MaxWait, Token)).ShouldBeTrue();
        using var stop = new CancellationTokenSource();
        var canceled = slots.TryAcquire("b", MaxWait, stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(canceled);

        slots.Release("a");

        (await slots.TryAcquire("c", MaxWait, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Wait_beyond_the_maximum_queue_length_is_rejected()
    {
        var slots = new DeliveryLimiter(1, 1, 1, time);
        (await slots.TryAcquire("a", MaxWait, Token)).ShouldBeTrue();
        var waits = slots.TryAcquire("a", MaxWait, Token);

        (await slots.TryAcquire("b", MaxWait, Token)).ShouldBeFalse();

        slots.Release("a");
        (await waits).ShouldBeTrue();
    }

    [Fact]
    public async Task Limits_hold_under_concurrent_load_and_every_wait_gets_a_slot()
    {
        var slots = new DeliveryLimiter(8, 3, 10_000, TimeProvider.System);
        var (running, most, perHost, mostPerHost) = (0, 0, new int[5], 0);

        await Task.WhenAll(
            Enumerable
                .Range(0, 500)
                .Select(async i =>
                {
                    var host = i % 5;
                    (await slots.TryAcquire($"h{host}", MaxWait, Token)).ShouldBeTrue();
                    Max(ref most, Interlocked.Increment(ref running));
                    Max(ref mostPerHost, Interlocked.Increment(ref perHost[host]));
                    await Task.Yield();
                    Interlocked.Decrement(ref perHost[host]);
                    Interlocked.Decrement(ref running);
                    slots.Release($"h{host}");
                })
        );

        most.ShouldBeInRange(1, 8);
        mostPerHost.ShouldBeInRange(1, 3);
    }

    private static void Max(ref int most, int value)
    {
        int seen;
        while (value > (seen = Volatile.Read(ref most)) && Interlocked.CompareExchange(ref most, value, seen) != seen) { }
    }
}
