namespace DeployCard.Contracts.Storage;

/// <summary>
/// Logs the beginning and the end of a database outage once each. Hundreds of operations per second may fail during an outage, and each
/// caller gets its own exception. Callers log their own consequences at <see cref="LogLevelFor"/>.
/// </summary>
public sealed partial class StorageOutageTracker(string database, TimeProvider time, ILogger logger)
{
    private readonly Lock sync = new();
    private long unavailableSince;
    private volatile bool isUnavailable;

    /// <summary>Raised when the database is available again after an outage.</summary>
    public event EventHandler? Recovered;

    /// <summary>
    /// Returns the level at which to log a consequence of an exception: Debug if storage caused it, because the outage itself is logged;
    /// otherwise <paramref name="otherwise"/>.
    /// </summary>
    public static LogLevel LogLevelFor(Exception exception, LogLevel otherwise) =>
        StorageException.IsCauseOf(exception) ? LogLevel.Debug : otherwise;

    /// <summary>Records a failed operation. The first failure of an outage is logged.</summary>
    public void RecordFailure(Exception exception)
    {
        lock (sync)
        {
            if (isUnavailable)
                return;
            (isUnavailable, unavailableSince) = (true, time.GetTimestamp());
        }

        LogStorageUnavailable(logger, database, exception.Message);
    }

    /// <summary>Records a successful operation. The first success after an outage is logged and raises <see cref="Recovered"/>.</summary>
    public void RecordSuccess()
    {
        if (!isUnavailable)
            return;
        lock (sync)
        {
            if (!isUnavailable)
                return;
            isUnavailable = false;
        }

        var seconds = time.GetElapsedTime(unavailableSince).TotalSeconds;
        LogStorageRecovered(logger, database, seconds);
        Recovered?.Invoke(this, EventArgs.Empty);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The database '{Database}' is unavailable; further failures are reported only to their callers: {Reason}"
    )]
    private static partial void LogStorageUnavailable(ILogger logger, string database, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database '{Database}' is available again after {Seconds:0.0} s")]
    private static partial void LogStorageRecovered(ILogger logger, string database, double seconds);
}
