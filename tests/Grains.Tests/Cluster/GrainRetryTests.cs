using DeployCard.Client.Cluster;
using DeployCard.Contracts.Storage;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Cluster;

public sealed class GrainRetryTests
{
    private readonly FakeTimeProvider time = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private int calls;

    [Fact]
    public async Task Call_succeeds_after_the_grain_becomes_available_on_another_silo()
    {
        var call = new GrainRetry(time).Execute(
            () => Respond(failures: 3, new SiloUnavailableException()),
            TestContext.Current.CancellationToken
        );

        (await Elapse(call)).ShouldBe(4);
    }

    [Fact]
    public async Task Call_to_an_unavailable_silo_fails_after_seven_attempts()
    {
        var began = time.GetUtcNow();
        var call = new GrainRetry(time).Execute(
            () => Respond(failures: 1000, new SiloUnavailableException()),
            TestContext.Current.CancellationToken
        );

        await Should.ThrowAsync<SiloUnavailableException>(Elapse(call));

        (time.GetUtcNow() - began).ShouldBeInRange(TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(3.5));
        calls.ShouldBe(7);
    }

    [Fact]
    public async Task Timeouts_bugs_and_storage_failures_are_not_retried()
    {
        foreach (
            var failure in new Exception[]
            {
                new TimeoutException(),
                new InvalidOperationException(),
                new StorageException("unavailable"),
                new OrleansException("write", new StorageException("unavailable")),
            }
        )
        {
            calls = 0;
            await Should.ThrowAsync<Exception>(
                new GrainRetry(time).Execute(() => Respond(failures: 1000, failure), TestContext.Current.CancellationToken)
            );
            calls.ShouldBe(1);
        }
    }

    [Fact]
    public void Backoff_delays_grow_and_are_bounded_for_any_jitter()
    {
        for (var failures = 1; failures < 2000; failures++)
        {
            GrainRetry.Backoff.DelayAfter(failures, 0).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(25));
            GrainRetry.Backoff.DelayAfter(failures, 1).ShouldBeLessThanOrEqualTo(GrainRetry.Backoff.Max);
            GrainRetry.Backoff.DelayAfter(failures + 1, 0.5).ShouldBeGreaterThanOrEqualTo(GrainRetry.Backoff.DelayAfter(failures, 0.5));
        }
    }

    private Task<int> Respond(int failures, Exception failure) =>
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
