using DeployCard.Domain.AsyncCalls;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class StartSequenceTests
{
    private readonly FakeTimeProvider time = new();
    private readonly TaskCompletionSource<int> first = new();
    private readonly StartSequence starts;
    private bool hasStarted;

    public StartSequenceTests() => starts = new(time);

    [Fact]
    public async Task Surplus_call_starts_after_all_earlier_starts_are_confirmed()
    {
        var earlier = starts.Start(false, () => first.Task);
        var surplus = starts.Start(true, Follow);
        hasStarted.ShouldBeFalse();

        first.SetResult(1);

        (await earlier, await surplus).ShouldBe((1, 2));
    }

    [Fact]
    public async Task Surplus_call_starts_after_an_earlier_start_failed()
    {
        var earlier = starts.Start(false, () => first.Task);
        var surplus = starts.Start(true, Follow);

        first.SetException(new IOException("The silo is lost."));

        (await surplus).ShouldBe(2);
        await Should.ThrowAsync<IOException>(() => earlier);
    }

    [Fact]
    public async Task Surplus_call_waits_no_longer_than_the_ordering_timeout()
    {
        _ = starts.Start(false, () => first.Task);
        var surplus = starts.Start(true, Follow);

        time.Advance(StartSequence.OrderingTimeout);

        (await surplus).ShouldBe(2);
    }

    [Fact]
    public void Call_with_a_free_slot_does_not_wait_for_earlier_starts()
    {
        _ = starts.Start(false, () => first.Task);
        _ = starts.Start(false, Follow);

        hasStarted.ShouldBeTrue();
    }

    private Task<int> Follow()
    {
        hasStarted = true;
        return Task.FromResult(2);
    }
}
