using DeployCard.Contracts.Names;

namespace DeployCard.Domain.Monitoring;

/// <summary>Log messages of <see cref="MonitorGrain"/>.</summary>
internal static partial class MonitorGrainLog
{
    [LoggerMessage(Message = "Storing monitoring data of deployment {Deployment} failed; the next flush retries")]
    public static partial void LogStoreFailed(this ILogger logger, LogLevel level, Exception exception, DeploymentName deployment);
}
