using DeployCard.Contracts.AsyncCalls;
using DeployCard.Domain.AsyncCalls;
using DeployCard.Grains.Tests.Support;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class StoredCallTests : IDisposable
{
    private readonly CallParts parts = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => parts.Dispose();

    [Fact]
    public async Task Change_is_written_then_scheduled_then_announced()
    {
        await parts.Call.Store(parts.Call.State with { NextAttemptAt = CallParts.Start }, Token);

        parts.Steps.ShouldBe(["write", "timer", "PublishChange"]);
        parts.Call.State.NextAttemptAt.ShouldBe(CallParts.Start);
    }

    [Fact]
    public async Task Change_that_cannot_be_written_is_neither_kept_nor_announced()
    {
        parts.FailWrites();

        await Should.ThrowAsync<IOException>(() => parts.Call.Store(parts.Call.State with { Status = CallStatus.Error }, Token));

        parts.Call.IsOpen.ShouldBeTrue();
        parts.Steps.ShouldBeEmpty();
    }

    [Fact]
    public async Task Final_write_is_not_announced()
    {
        await parts.Call.StoreFinally(parts.Call.State with { NextAttemptAt = CallParts.Start }, Token);

        parts.Steps.ShouldBe(["write"]);
    }

    [Fact]
    public async Task Removed_call_does_not_exist()
    {
        await parts.Call.Clear(Token);

        (parts.Call.Exists, parts.Call.IsOpen).ShouldBe((false, false));
    }

    [Fact]
    public void Key_that_is_no_call_id_is_rejected() =>
        Should
            .Throw<FormatException>(() =>
                new StoredCall("any", new PersistentStateDouble<AsyncCallState>(new()), parts.Grains.Factory, () => { }).Id
            )
            .Message.ShouldContain("'any'");
}
