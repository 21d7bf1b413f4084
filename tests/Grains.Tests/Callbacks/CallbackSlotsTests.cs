using DeployCard.Grains.Callbacks;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Callbacks;

public sealed class CallbackSlotsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly FakeTimeProvider time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_that_is_slow_holds_up_what_waits_for_itself_only()
    {
        var slots = new CallbackSlots(4, 2, 100, time);
        (await slots.Enter("slow", Patience, Token)).ShouldBeTrue();
        (await slots.Enter("slow", Patience, Token)).ShouldBeTrue();
        var third = slots.Enter("slow", Patience, Token);

        (await slots.Enter("fast", Patience, Token)).ShouldBeTrue();

        third.IsCompleted.ShouldBeFalse();
        slots.Leave("slow");
        (await third).ShouldBeTrue();
    }

    [Fact]
    public async Task Hosts_take_turns_and_within_one_the_order_is_that_of_arrival()
    {
        var slots = new CallbackSlots(1, 1, 100, time);
        (await slots.Enter("first", Patience, Token)).ShouldBeTrue();
        var waiting = new[] { "a1", "a2", "a3", "b1", "b2", "c1" }
            .Select(name => (Name: name, Turn: slots.Enter(name[..1], Patience, Token)))
            .ToList();

        var order = new List<string>();
        var last = "first";
        while (waiting.Count > 0)
        {
            slots.Leave(last);
            await Task.WhenAny(waiting.Select(w => w.Turn));
            var next = waiting.Single(w => w.Turn.IsCompleted);
            waiting.Remove(next);
            order.Add(next.Name);
            last = next.Name[..1];
        }

        order.ShouldBe(["a1", "b1", "c1", "a2", "b2", "a3"]);
    }

    [Fact]
    public async Task Whose_turn_does_not_come_in_time_does_not_go_and_takes_no_slot()
    {
        var slots = new CallbackSlots(1, 1, 100, time);
        (await slots.Enter("a", Patience, Token)).ShouldBeTrue();
        var late = slots.Enter("a", Patience, Token);
        var patient = slots.Enter("a", Patience * 3, Token);

        time.Advance(Patience);

        (await late).ShouldBeFalse();
        slots.Leave("a");
        (await patient).ShouldBeTrue();
        slots.Leave("a");
        (await slots.Enter("a", Patience, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_is_cancelled_while_it_waits_takes_no_slot()
    {
        var slots = new CallbackSlots(1, 1, 100, time);
        (await slots.Enter("a", Patience, Token)).ShouldBeTrue();
        using var stop = new CancellationTokenSource();
        var cancelled = slots.Enter("b", Patience, stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(cancelled);

        slots.Leave("a");

        (await slots.Enter("c", Patience, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Beyond_the_most_that_may_wait_nobody_waits()
    {
        var slots = new CallbackSlots(1, 1, 1, time);
        (await slots.Enter("a", Patience, Token)).ShouldBeTrue();
        var waits = slots.Enter("a", Patience, Token);

        (await slots.Enter("b", Patience, Token)).ShouldBeFalse();

        slots.Leave("a");
        (await waits).ShouldBeTrue();
    }

    [Fact]
    public async Task However_many_come_at_once_the_bounds_hold_and_each_has_its_turn()
    {
        var slots = new CallbackSlots(8, 3, 10_000, TimeProvider.System);
        var (running, most, perHost, mostPerHost) = (0, 0, new int[5], 0);

        await Task.WhenAll(
            Enumerable
                .Range(0, 500)
                .Select(async i =>
                {
                    var host = i % 5;
                    (await slots.Enter($"h{host}", Patience, Token)).ShouldBeTrue();
                    Max(ref most, Interlocked.Increment(ref running));
                    Max(ref mostPerHost, Interlocked.Increment(ref perHost[host]));
                    await Task.Yield();
                    Interlocked.Decrement(ref perHost[host]);
                    Interlocked.Decrement(ref running);
                    slots.Leave($"h{host}");
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
