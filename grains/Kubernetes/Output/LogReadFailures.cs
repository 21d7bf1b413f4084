using System.Net;
using DeployCard.Common.Retry;
using DeployCard.Contracts.Names;

namespace DeployCard.Kubernetes.Output;

/// <summary>Logs failures to read the logs of pods. A missing right affects all pods, so it is logged at a limited rate.</summary>
internal sealed partial class LogReadFailures(TimeProvider time, ILogger<LogReadFailures> logger)
{
    private readonly FailureLogThrottle denials = new(time);

    /// <summary>Logs the failure of a connection that ended, if it failed.</summary>
    public void Log(PodName pod, LogConnection connection)
    {
        if (connection.WasOpened)
            denials.Reset();
        if (
            connection.Failure is HttpRequestException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } denied
            && denials.ShouldLog()
        )
            LogReadingDenied(logger, denied.Message);
        else if (connection.Failure is { } failure)
            Log(pod, failure);
    }

    /// <summary>Logs a failure after which reading continues.</summary>
    public void Log(PodName pod, Exception failure) => LogReadingInterrupted(logger, failure, pod);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Logs of pods cannot be read because the service account of the silo needs the right to get pods/log: {Reason}"
    )]
    private static partial void LogReadingDenied(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Reading the log of pod {Pod} was interrupted; it resumes after the last line")]
    private static partial void LogReadingInterrupted(ILogger logger, Exception exception, PodName pod);
}
