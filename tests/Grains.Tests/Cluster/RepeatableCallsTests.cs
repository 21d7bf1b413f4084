using DeployCard.Grains.Cluster;
using DeployCard.Grains.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Cluster;

public sealed class RepeatableCallsTests
{
    private readonly FakeTimeProvider time = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private int calls;

    [Fact]
    public async Task A_call_that_finds_its_grain_elsewhere_shows_no_error()
    {
        var call = new RepeatableCalls(time).Make(
            () => Answer(failures: 3, new SiloUnavailableException()),
            TestContext.Current.CancellationToken
        );

        (await Elapse(call)).ShouldBe(4);
    }

    [Fact]
    public async Task A_silo_that_stays_away_is_told_after_a_few_seconds()
    {
        var began = time.GetUtcNow();
        var call = new RepeatableCalls(time).Make(
            () => Answer(failures: 1000, new SiloUnavailableException()),
            TestContext.Current.CancellationToken
        );

        await Should.ThrowAsync<SiloUnavailableException>(Elapse(call));

        (time.GetUtcNow() - began).ShouldBeInRange(TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(3.5));
        calls.ShouldBe(7);
    }

    [Fact]
    public async Task A_call_that_took_all_of_its_time_a_bug_and_a_storage_that_is_away_are_told_at_once()
    {
        foreach (
            var failure in new Exception[]
            {
                new TimeoutException(),
                new InvalidOperationException(),
                new StorageException("away"),
                new OrleansException("write", new StorageException("away")),
            }
        )
        {
            calls = 0;
            await Should.ThrowAsync<Exception>(
                new RepeatableCalls(time).Make(() => Answer(failures: 1000, failure), TestContext.Current.CancellationToken)
            );
            calls.ShouldBe(1);
        }
    }

    [Fact]
    public void Pauses_grow_and_are_bounded_whatever_chance_says()
    {
        for (var failures = 1; failures < 2000; failures++)
        {
            RetryPause.After(failures, 0).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(25));
            RetryPause.After(failures, 1).ShouldBeLessThanOrEqualTo(RetryPause.Longest);
            RetryPause.After(failures + 1, 0.5).ShouldBeGreaterThanOrEqualTo(RetryPause.After(failures, 0.5));
        }
    }

    private Task<int> Answer(int failures, Exception failure) =>
        ++calls <= failures ? Task.FromException<int>(failure) : Task.FromResult(calls);

    private async Task<int> Elapse(Task<int> call)
    {
        while (!call.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        return await call;
    }
}
