using DeployCard.Contracts.AsyncCalls;
using DeployCard.Domain.AsyncCalls;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class CallEndingTests : IDisposable
{
    private static readonly CallEnd Canceled = CallEnd.Failed(CallErrorCode.Canceled, "Canceled by bob.");
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly CallParts parts = new(queued => queued with { Callback = new() { Url = new($"https://{CallParts.Host}/") } });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => parts.Dispose();

    [Fact]
    public async Task End_is_stored_and_announced_before_capacity_is_released_and_the_callback_delivered()
    {
        await parts.Ending.End(parts.Call.State, Canceled, Token);

        parts.Steps[..4].ShouldBe(["write", "timer", "PublishChange", "Release"]);
        parts.Steps[4..].ShouldContain("CompleteDelivery");
        parts.Sender.DeliveriesTo(CallParts.Host).ShouldHaveSingleItem().Message.Call.ErrorCode.ShouldBe(CallErrorCode.Canceled);
    }

    [Fact]
    public async Task End_aborts_the_running_attempt_and_releases_waiting_requests()
    {
        parts.Pods.Hang(CallParts.Deployment);
        parts.Executor.Start(CallParts.Start);
        var (execution, wait) = (parts.Executor.Wait(Long), parts.Waiters.Wait(Long, Token));

        await parts.Ending.End(parts.Call.State, Canceled, Token);

        await Task.WhenAll(execution, wait);
        parts.Call.State.Attempts.ShouldHaveSingleItem().ErrorCode.ShouldBe(CallErrorCode.Canceled, "the outcome is discarded");
    }

    [Fact]
    public async Task End_that_cannot_be_stored_has_no_effect()
    {
        parts.Pods.Hang(CallParts.Deployment);
        parts.Executor.Start(CallParts.Start);
        var wait = parts.Waiters.Wait(Long, Token);
        parts.Steps.Clear();
        parts.FailWrites();

        await Should.ThrowAsync<IOException>(() => parts.Ending.End(parts.Call.State, Canceled, Token));

        parts.Steps.ShouldBeEmpty();
        (parts.Executor.IsRunning, wait.IsCompleted, parts.Call.IsOpen).ShouldBe((true, false, true));
        parts.Pods.Calls.ShouldHaveSingleItem().Token.IsCancellationRequested.ShouldBeFalse();
    }
}
