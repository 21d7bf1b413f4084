using DeployCard.Grains.AsyncCalls;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class CallWindowTests
{
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly CallId[] Ids = [.. Enumerable.Range(0, 5).Select(i => CallId.New(Start.AddSeconds(i)))];

    private readonly CallWindow window = new();

    [Fact]
    public void Calls_have_their_turn_in_the_order_of_their_ids_whenever_they_are_told_of()
    {
        foreach (var i in new[] { 3, 0, 2, 1, 0 })
            window.Add(Ids[i]);

        window.Count.ShouldBe(4);
        for (var i = 0; i < 4; i++)
            window.Take().ShouldBe(Ids[i]);
        window.Take().ShouldBeNull();
        window.Running.ShouldBe(4);
    }

    [Fact]
    public void The_oldest_is_that_of_those_that_have_no_pod_and_do_not_pause()
    {
        window.OldestAt.ShouldBeNull();
        foreach (var id in Ids)
            window.Add(id);
        window.OldestAt.ShouldBe(Start);

        window.Take();
        window.OldestAt.ShouldBe(Start, "it has its turn, and waits for a pod");
        window.SetHasPod(Ids[0], true);
        window.OldestAt.ShouldBe(Start.AddSeconds(1));
        window.Take();
        window.Pause(Ids[1], Start.AddSeconds(30));
        window.OldestAt.ShouldBe(Start.AddSeconds(2));
    }

    [Fact]
    public void A_call_that_has_paused_takes_its_old_place()
    {
        foreach (var id in Ids)
            window.Add(id);
        window.Take();
        window.Pause(Ids[0], Start.AddSeconds(10));

        window.EndPauses(Start.AddSeconds(9));
        window.Take().ShouldBe(Ids[1]);
        window.EndPauses(Start.AddSeconds(10));

        window.Take().ShouldBe(Ids[0]);
    }

    [Fact]
    public void A_call_that_is_run_again_does_not_wait_for_its_old_pause()
    {
        window.Add(Ids[0]);
        window.Take();
        window.Pause(Ids[0], Start.AddDays(1));

        window.Add(Ids[0]);
        window.Take().ShouldBeNull();
        window.AddAnew(Ids[0]);

        window.Take().ShouldBe(Ids[0]);
        window.EndPauses(Start.AddDays(2));
        window.Take().ShouldBeNull();
    }

    [Fact]
    public void A_call_that_is_known_is_not_taken_twice_and_one_that_has_ended_may_come_back()
    {
        window.Add(Ids[0]);
        window.Take();
        window.Add(Ids[0]);
        window.Take().ShouldBeNull();

        window.Forget(Ids[0]);
        window.Add(Ids[0]);

        window.Take().ShouldBe(Ids[0]);
    }

    [Fact]
    public void The_order_leaves_out_who_has_a_pod_or_pauses()
    {
        foreach (var id in Ids)
            window.Add(id);
        for (var i = 0; i < 3; i++)
            window.Take();
        window.SetHasPod(Ids[0], true);
        window.Pause(Ids[1], Start.AddYears(1));

        window.InOrder().ShouldBe([Ids[2], Ids[3], Ids[4]]);
        window.AtPods.ShouldBe([Ids[0]]);
        window.SetHasPod(Ids[0], false);
        window.InOrder().ShouldBe([Ids[0], Ids[2], Ids[3], Ids[4]]);
    }

    [Fact]
    public void It_reaches_up_to_the_youngest_that_it_ever_knew()
    {
        window.IsInside(Ids[0]).ShouldBeFalse();
        window.Last.ShouldBeNull();

        window.Add(Ids[2]);
        window.Take();
        window.Forget(Ids[2]);

        window.IsInside(Ids[1]).ShouldBeTrue();
        window.IsInside(Ids[2]).ShouldBeTrue();
        window.IsInside(Ids[3]).ShouldBeFalse();
        window.Last.ShouldBe(Ids[2]);
    }
}
