namespace DeployCard.Grains.Storage;

/// <summary>
/// Tells when a database goes away and when it is back, once each: in an outage hundreds of writes fail each second, and each caller is told its own.
/// What they then do about it they log by <see cref="Level"/>.
/// </summary>
internal sealed partial class StorageHealth(string database, TimeProvider time, ILogger logger)
{
    private readonly Lock sync = new();
    private long awaySince;
    private volatile bool isAway;

    /// <summary>It was away and is back.</summary>
    public event EventHandler? Returned;

    /// <summary>The level for what came of a failure: debugging where storage is away, which is told as a whole.</summary>
    public static LogLevel Level(Exception exception, LogLevel usual) => StorageException.IsCauseOf(exception) ? LogLevel.Debug : usual;

    /// <summary>It did not do what it was asked.</summary>
    public void Failed(Exception exception)
    {
        lock (sync)
        {
            if (isAway)
                return;
            (isAway, awaySince) = (true, time.GetTimestamp());
        }

        LogAway(logger, database, exception.Message);
    }

    /// <summary>It did what it was asked.</summary>
    public void Worked()
    {
        if (!isAway)
            return;
        lock (sync)
        {
            if (!isAway)
                return;
            isAway = false;
        }

        var seconds = time.GetElapsedTime(awaySince).TotalSeconds;
        LogBack(logger, database, seconds);
        Returned?.Invoke(this, EventArgs.Empty);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The database '{Database}' does not take writes; what is refused meanwhile is told to each caller: {Reason}"
    )]
    private static partial void LogAway(ILogger logger, string database, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database '{Database}' takes writes again after {Seconds:0.0} s")]
    private static partial void LogBack(ILogger logger, string database, double seconds);
}
