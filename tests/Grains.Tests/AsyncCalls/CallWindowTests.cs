using DeployCard.Contracts.AsyncCalls;
using DeployCard.Domain.AsyncCalls;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class CallWindowTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CallId[] Ids = [.. Enumerable.Range(0, 5).Select(i => CallId.Create(Start.AddSeconds(i)))];

    private readonly CallWindow window = new();

    [Fact]
    public void Calls_are_dequeued_in_id_order_regardless_of_insertion_order()
    {
        foreach (var i in new[] { 3, 0, 2, 1, 0 })
            window.Add(Ids[i]);

        window.Count.ShouldBe(4);
        for (var i = 0; i < 4; i++)
            window.Dequeue().ShouldBe(Ids[i]);
        window.Dequeue().ShouldBeNull();
        window.DispatchedCount.ShouldBe(4);
    }

    [Fact]
    public void Oldest_time_excludes_calls_at_a_pod_and_in_backoff()
    {
        window.OldestPendingAt.ShouldBeNull();
        foreach (var id in Ids)
            window.Add(id);
        window.OldestPendingAt.ShouldBe(Start);

        window.Dequeue();
        window.OldestPendingAt.ShouldBe(Start, "a dequeued call still waits for a pod");
        window.SetInFlight(Ids[0], true);
        window.OldestPendingAt.ShouldBe(Start.AddSeconds(1));
        window.Dequeue();
        window.Defer(Ids[1], Start.AddSeconds(30));
        window.OldestPendingAt.ShouldBe(Start.AddSeconds(2));
    }

    [Fact]
    public void Call_takes_its_old_place_after_the_backoff()
    {
        foreach (var id in Ids)
            window.Add(id);
        window.Dequeue();
        window.Defer(Ids[0], Start.AddSeconds(10));

        window.ReleaseDeferred(Start.AddSeconds(9));
        window.Dequeue().ShouldBe(Ids[1]);
        window.ReleaseDeferred(Start.AddSeconds(10));

        window.Dequeue().ShouldBe(Ids[0]);
    }

    [Fact]
    public void Requeued_call_does_not_wait_for_its_old_backoff()
    {
        window.Add(Ids[0]);
        window.Dequeue();
        window.Defer(Ids[0], Start.AddDays(1));

        window.Add(Ids[0]);
        window.Dequeue().ShouldBeNull();
        window.Requeue(Ids[0]);

        window.Dequeue().ShouldBe(Ids[0]);
        window.ReleaseDeferred(Start.AddDays(2));
        window.Dequeue().ShouldBeNull();
    }

    [Fact]
    public void Known_call_is_not_added_twice_and_removed_call_can_be_added_again()
    {
        window.Add(Ids[0]);
        window.Dequeue();
        window.Add(Ids[0]);
        window.Dequeue().ShouldBeNull();

        window.Remove(Ids[0]);
        window.Add(Ids[0]);

        window.Dequeue().ShouldBe(Ids[0]);
    }

    [Fact]
    public void Pending_calls_exclude_calls_at_a_pod_and_in_backoff()
    {
        foreach (var id in Ids)
            window.Add(id);
        for (var i = 0; i < 3; i++)
            window.Dequeue();
        window.SetInFlight(Ids[0], true);
        window.Defer(Ids[1], Start.AddYears(1));

        window.GetPending().ShouldBe([Ids[2], Ids[3], Ids[4]]);
        window.InFlight.ShouldBe([Ids[0]]);
        window.SetInFlight(Ids[0], false);
        window.GetPending().ShouldBe([Ids[0], Ids[2], Ids[3], Ids[4]]);
    }

    [Fact]
    public void Window_covers_ids_up_to_the_youngest_ever_added()
    {
        window.Covers(Ids[0]).ShouldBeFalse();
        window.Youngest.ShouldBeNull();

        window.Add(Ids[2]);
        window.Dequeue();
        window.Remove(Ids[2]);

        window.Covers(Ids[1]).ShouldBeTrue();
        window.Covers(Ids[2]).ShouldBeTrue();
        window.Covers(Ids[3]).ShouldBeFalse();
        window.Youngest.ShouldBe(Ids[2]);
    }
}
