using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;

namespace DeployCard.Domain.AsyncCalls;

/// <summary>Log messages of <see cref="QueueGrain"/>.</summary>
internal static partial class QueueLog
{
    [LoggerMessage(Message = "Executing call {CallId} of deployment {Deployment} failed; it will be retried")]
    public static partial void LogExecutionFailed(
        this ILogger logger,
        LogLevel level,
        Exception exception,
        CallId callId,
        DeploymentName deployment
    );

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reporting the async backlog to deployment {Deployment} failed; it will be retried")]
    public static partial void LogBacklogReportFailed(this ILogger logger, Exception exception, DeploymentName deployment);

    [LoggerMessage(Message = "Dispatching calls of the async queue of deployment {Deployment} failed; it will be retried")]
    public static partial void LogDispatchFailed(this ILogger logger, LogLevel level, Exception exception, DeploymentName deployment);
}
