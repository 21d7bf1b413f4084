using DeployCard.Contracts.AsyncCalls;
using DeployCard.Domain.AsyncCalls;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class CallExecutorTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly CallParts parts = new();

    private CallExecutor Executor => parts.Executor;

    public void Dispose() => parts.Dispose();

    [Fact]
    public async Task Attempt_is_stored_before_its_pod_gets_the_request()
    {
        CallAttempt? storedFirst = null;
        parts.Pods.Script(
            CallParts.Deployment,
            _ =>
            {
                storedFirst = parts.Stored.Writes.LastOrDefault()?.OpenAttempt;
                return Task.FromResult(ScriptedPodCaller.Response());
            }
        );

        await Run();

        storedFirst.ShouldNotBeNull().Pod.ShouldBe("pod");
        parts.Call.State.Status.ShouldBe(CallStatus.Completed);
    }

    [Fact]
    public async Task Outcome_is_reported_again_until_it_is_stored()
    {
        var failed = new TaskCompletionSource();
        parts.Stored.OnWrite = () =>
        {
            if (parts.Stored.State.OpenAttempt is not null || failed.Task.IsCompleted)
                return Task.CompletedTask;
            failed.SetResult();
            throw new IOException("The disk is full.");
        };
        Executor.Start(CallParts.Start);
        var end = Executor.Wait(Long);
        await failed.Task;
        while (!end.IsCompleted)
        {
            parts.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        parts.Call.State.Status.ShouldBe(CallStatus.Completed);
        parts.Pods.Calls.ShouldHaveSingleItem("the prediction is not repeated");
    }

    [Fact]
    public async Task Aborted_execution_reports_that_its_attempt_was_interrupted()
    {
        parts.Pods.Hang(CallParts.Deployment);
        Executor.Start(CallParts.Start);
        Executor.IsRunning.ShouldBeTrue();

        var end = Executor.Wait(Long);
        Executor.Abort();
        await end;

        Executor.IsRunning.ShouldBeFalse();
        parts.Call.State.Attempts.ShouldHaveSingleItem().IsCounted.ShouldBeFalse();
    }

    [Fact]
    public async Task Failed_execution_backs_off_without_an_attempt()
    {
        parts.Pods.ScriptEntry(CallParts.Deployment, _ => throw new InvalidOperationException("The gateway failed."));

        await Run();

        Executor.IsRunning.ShouldBeFalse();
        Executor.NotBefore.ShouldBe(CallParts.Start + parts.Settings.InitialBackoff);
        parts.Call.State.Attempts.ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_the_running_execution_is_found()
    {
        var id = Guid.Empty;
        parts.Grains.On<IAsyncCallGrain>(
            "StartAttempt",
            (_, arguments) =>
            {
                id = (Guid)arguments[0]!;
                return Task.FromResult<int?>(Executor.Find(id) is null ? 1 : null);
            }
        );

        await Run();

        parts.Pods.Calls.ShouldBeEmpty("the execution was found while it was running");
        Executor.Find(id).ShouldBeNull();
    }

    private async Task Run()
    {
        Executor.Start(CallParts.Start);
        await Executor.Wait(Long);
    }
}
