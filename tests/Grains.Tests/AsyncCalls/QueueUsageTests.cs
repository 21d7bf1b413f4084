using DeployCard.Contracts.Configuration;
using DeployCard.Domain.AsyncCalls;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class QueueUsageTests
{
    private static readonly DeploymentConfiguration Limits = new() { AsyncQueueLength = 2, AsyncQueueBytes = 100 };

    private readonly QueueUsage usage = new();

    [Fact]
    public void Reservations_never_exceed_the_length_of_the_queue()
    {
        usage.Reserve(1, Limits).ShouldBeNull();
        usage.Reserve(1, Limits).ShouldBeNull();

        usage.Reserve(1, Limits).ShouldBe(new(2, 2, 2, 100));

        (usage.Calls, usage.Bytes).ShouldBe((2, 2));
    }

    [Fact]
    public void Reservations_never_exceed_the_bytes_of_the_queue()
    {
        usage.Reserve(60, Limits).ShouldBeNull();

        usage.Reserve(41, Limits).ShouldNotBeNull();
        usage.Reserve(40, Limits).ShouldBeNull();

        usage.Bytes.ShouldBe(100);
    }

    [Fact]
    public void Release_frees_the_capacity_of_one_call()
    {
        usage.Reserve(60, Limits);
        usage.Reserve(40, Limits);

        usage.Release(60);

        (usage.Calls, usage.Bytes).ShouldBe((1, 40));
    }

    [Fact]
    public void Release_of_a_call_that_a_recount_missed_does_not_make_the_usage_negative()
    {
        usage.Reserve(60, Limits);
        usage.Reconcile(new(0, 0));

        usage.Release(60);

        (usage.Calls, usage.Bytes).ShouldBe((0, 0));
    }
}
