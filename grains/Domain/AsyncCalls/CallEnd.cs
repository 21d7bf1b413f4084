using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>The end of a call.</summary>
/// <param name="Status">Final status of the call.</param>
/// <param name="ErrorCode">Reason why the call ends without a result; null if it has a result.</param>
/// <param name="Message">Description of the error; null if the call has a result.</param>
/// <param name="Result">Response of the model; null if the call ends in an error.</param>
internal sealed record CallEnd(CallStatus Status, CallErrorCode? ErrorCode, string? Message, CallResult? Result)
{
    /// <summary>Creates the end of a call in an error.</summary>
    public static CallEnd Failed(CallErrorCode code, string message) => new(CallStatus.Error, code, message, null);

    /// <summary>Creates the end of a call after its last attempt.</summary>
    /// <param name="decision">The decision that the call ends.</param>
    /// <param name="result">Response of the model; null if the call ends in an error.</param>
    public static CallEnd From(RetryDecision decision, CallResult? result) =>
        new(decision.Status, decision.ErrorCode, decision.Message, result);
}
