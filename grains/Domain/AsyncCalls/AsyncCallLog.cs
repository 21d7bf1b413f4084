using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>Log messages of <see cref="AsyncCallGrain"/>.</summary>
internal static partial class AsyncCallLog
{
    // Debug, because thousands of calls may end each second, and the card lists them all.
    [LoggerMessage(Level = LogLevel.Debug, Message = "Call {CallId} of deployment {Deployment} ended as {Status} {ErrorCode}")]
    public static partial void LogEnded(this ILogger logger, CallId callId, string deployment, CallStatus status, CallErrorCode? errorCode);

    [LoggerMessage(Level = LogLevel.Information, Message = "Call {CallId} of deployment {Deployment} was enqueued for a retry by {Actor}")]
    public static partial void LogRetried(this ILogger logger, CallId callId, string deployment, string actor);

    [LoggerMessage(Message = "Executing call {CallId} of deployment {Deployment} failed; it will be retried")]
    public static partial void LogExecutionFailed(
        this ILogger logger,
        LogLevel level,
        Exception exception,
        CallId callId,
        string deployment
    );

    [LoggerMessage(
        Message = "Storing the outcome of an attempt of call {CallId} of deployment {Deployment} failed; storing it will be retried"
    )]
    public static partial void LogOutcomeNotStored(
        this ILogger logger,
        LogLevel level,
        Exception exception,
        CallId callId,
        string deployment
    );

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The callback of call {CallId} of deployment {Deployment} is redelivered at the request of {Actor}"
    )]
    public static partial void LogRedeliveryRequested(this ILogger logger, CallId callId, string deployment, string actor);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The callback of call {CallId} of deployment {Deployment} was abandoned after {Deliveries} failed deliveries: {Error}"
    )]
    public static partial void LogCallbackAbandoned(this ILogger logger, CallId callId, string deployment, int deliveries, string? error);

    [LoggerMessage(Message = "Delivering the callback of call {CallId} of deployment {Deployment} failed; it will be retried")]
    public static partial void LogDeliveryFailed(
        this ILogger logger,
        LogLevel level,
        Exception exception,
        CallId callId,
        string deployment
    );
}
