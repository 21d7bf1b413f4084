using DeployCard.Contracts.Names;

namespace DeployCard.Domain.Logs;

/// <summary>Log messages of <see cref="LogGrain"/>.</summary>
internal static partial class LogGrainLog
{
    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Reserving sequence numbers for the log of deployment {Deployment} failed: {Reason}"
    )]
    public static partial void LogReservationFailed(this ILogger logger, DeploymentName deployment, string reason);

    [LoggerMessage(Message = "Storing {Lines} log lines of deployment {Deployment} failed; the next flush retries")]
    public static partial void LogStoreFailed(
        this ILogger logger,
        LogLevel level,
        Exception exception,
        DeploymentName deployment,
        int lines
    );
}
