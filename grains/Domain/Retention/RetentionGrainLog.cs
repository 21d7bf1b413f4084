using DeployCard.Contracts.Retention;

namespace DeployCard.Domain.Retention;

/// <summary>Log messages of <see cref="RetentionGrain"/>.</summary>
internal static partial class RetentionGrainLog
{
    [LoggerMessage(Message = "Expiring {Kind} {Key} failed; the next sweep retries")]
    public static partial void LogExpiryFailed(this ILogger logger, LogLevel level, Exception exception, DueKind kind, string key);
}
