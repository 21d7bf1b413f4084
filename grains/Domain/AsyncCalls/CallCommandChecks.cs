using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Results;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>
/// Decides whether a command of a user applies to a call. Each check returns null if the command may proceed, otherwise the error that the
/// user gets.
/// </summary>
internal static class CallCommandChecks
{
    /// <summary>Checks a cancellation: the call must not have ended.</summary>
    public static FieldError? CheckCancel(AsyncCallState call, CallId id) =>
        CheckStatus(call, id, call.HasEnded, "only a call that has not ended can be canceled");

    /// <summary>Checks a retry: the call must have ended in an error.</summary>
    public static FieldError? CheckRetry(AsyncCallState call, CallId id) =>
        CheckStatus(call, id, call.Status is not CallStatus.Error, "only a call that ended in an error can be retried");

    /// <summary>Checks a manual delivery: the call must have a callback and must have ended.</summary>
    public static FieldError? CheckRedelivery(AsyncCallState call, CallId id) =>
        call.Id is null ? CreateNotFound(id)
        : call.Callback is null ? new("id", ErrorCodes.NoCallback, $"Call '{id}' has no callback: its request had no X-Callback-Url.")
        : !call.HasEnded ? new("id", ErrorCodes.NotEnded, $"Call '{id}' has not ended: its callback can be delivered again after its end.")
        : null;

    /// <summary>Creates the error for a call that does not exist.</summary>
    public static FieldError CreateNotFound(CallId id) =>
        new("id", ErrorCodes.NotFound, $"There is no call '{id}'; it may have been purged after its retention.");

    private static FieldError? CheckStatus(AsyncCallState call, CallId id, bool isWrong, string allowed) =>
        call.Id is null ? CreateNotFound(id)
        : isWrong
            ? new(
                "id",
                call.HasEnded ? ErrorCodes.AlreadyEnded : ErrorCodes.NotEnded,
                $"Call '{id}' is {call.Status.ToString().ToUpperInvariant()}: {allowed}."
            )
        : null;
}
