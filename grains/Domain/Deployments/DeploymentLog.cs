using DeployCard.Common.Retry;
using DeployCard.Contracts.Deployments;
using DeployCard.Contracts.Names;

namespace DeployCard.Domain.Deployments;

/// <summary>Log messages of the parts of a deployment. All of them use the logger of its grain.</summary>
internal static partial class DeploymentLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Deployment {Deployment} was changed by {Actor}: {Event}")]
    public static partial void LogChanged(this ILogger logger, DeploymentName deployment, EventKind @event, string actor);

    [LoggerMessage(Level = LogLevel.Information, Message = "Purged deployment {Deployment} after its retention")]
    public static partial void LogPurged(this ILogger logger, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Storing the state of deployment {Deployment} failed; it will be retried: {Reason}")]
    public static partial void LogStorageUnavailable(this ILogger logger, DeploymentName deployment, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Starting pod {Pod} of deployment {Deployment} failed; it will be retried")]
    public static partial void LogStartFailed(this ILogger logger, Exception exception, PodName pod, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Error, Message = "Watching the pods of deployment {Deployment} failed; it will be retried")]
    public static partial void LogWatchFailed(this ILogger logger, Exception exception, DeploymentName deployment);

    [LoggerMessage(Level = LogLevel.Error, Message = "Stopping pod {Pod} of deployment {Deployment} failed; it will be retried")]
    public static partial void LogStopFailed(this ILogger logger, Exception exception, PodName pod, DeploymentName deployment);

    /// <summary>Resets the count of failures, and logs the recovery if a failure was logged.</summary>
    public static void LogRecovery(this ILogger logger, FailureLogThrottle throttle, DeploymentName deployment, string operation)
    {
        if (throttle.Reset() is > 0 and var failures)
            LogRecovered(logger, deployment, operation, failures);
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "{Operation} pods of deployment {Deployment} succeeded after {Failures} failures"
    )]
    private static partial void LogRecovered(ILogger logger, DeploymentName deployment, string operation, int failures);
}
