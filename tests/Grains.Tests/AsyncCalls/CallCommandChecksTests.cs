using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Results;
using DeployCard.Domain.AsyncCalls;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class CallCommandChecksTests
{
    private static readonly CallId Id = CallId.Create(CallParts.Start);
    private static readonly AsyncCallState Queued = new() { Id = Id.Value };
    private static readonly AsyncCallState Completed = Queued with { Status = CallStatus.Completed };
    private static readonly AsyncCallState Failed = Queued with { Status = CallStatus.Error };

    [Fact]
    public void Missing_call_rejects_every_command()
    {
        CallCommandChecks.CheckCancel(new(), Id).ShouldNotBeNull().Code.ShouldBe(ErrorCodes.NotFound);
        CallCommandChecks.CheckRetry(new(), Id).ShouldNotBeNull().Code.ShouldBe(ErrorCodes.NotFound);
        CallCommandChecks.CheckRedelivery(new(), Id).ShouldNotBeNull().Code.ShouldBe(ErrorCodes.NotFound);
        CallCommandChecks.CreateNotFound(Id).Message.ShouldContain(Id.Value);
    }

    [Fact]
    public void Only_a_call_that_has_not_ended_can_be_canceled()
    {
        CallCommandChecks.CheckCancel(Queued, Id).ShouldBeNull();
        CallCommandChecks
            .CheckCancel(Completed, Id)
            .ShouldBe(new("id", ErrorCodes.AlreadyEnded, $"Call '{Id}' is COMPLETED: only a call that has not ended can be canceled."));
    }

    [Fact]
    public void Only_a_call_that_ended_in_an_error_can_be_retried()
    {
        CallCommandChecks.CheckRetry(Failed, Id).ShouldBeNull();
        CallCommandChecks.CheckRetry(Queued, Id).ShouldNotBeNull().Code.ShouldBe(ErrorCodes.NotEnded);
        CallCommandChecks.CheckRetry(Completed, Id).ShouldNotBeNull().Code.ShouldBe(ErrorCodes.AlreadyEnded);
    }

    [Fact]
    public void Only_an_ended_call_with_a_callback_can_be_delivered_again()
    {
        var queued = CallParts.Ended(Queued, CallParts.Start) with { Status = CallStatus.Queued };

        CallCommandChecks.CheckRedelivery(CallParts.Ended(Queued, CallParts.Start), Id).ShouldBeNull();
        CallCommandChecks.CheckRedelivery(queued, Id).ShouldNotBeNull().Code.ShouldBe(ErrorCodes.NotEnded);
        CallCommandChecks.CheckRedelivery(Completed, Id).ShouldNotBeNull().Code.ShouldBe(ErrorCodes.NoCallback);
    }
}
