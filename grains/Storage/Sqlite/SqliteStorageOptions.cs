using System.ComponentModel.DataAnnotations;

namespace DeployCard.Storage.Sqlite;

/// <summary>Settings of SQLite storage (section <c>Storage</c>). They apply if <c>Storage:Provider</c> is <c>Sqlite</c>.</summary>
public sealed class SqliteStorageOptions
{
    /// <summary>Name of the configuration section that these options are bound to.</summary>
    public const string Section = "Storage";

    /// <summary>Rule for <see cref="Path"/>, as the end of an error message without a period.</summary>
    public const string PathRule = "must be the path of a file, such as data/deploycard.db, not a URI or an in-memory database";

    /// <summary>
    /// Path of the database file. The file and its folder are created if they do not exist. A relative path starts at the working
    /// directory.
    /// </summary>
    [Required, RegularExpression("(?!:|(?i:file:)).+", ErrorMessage = "{0} " + PathRule)]
    public string Path { get; set; } = "data/deploycard.db";

    /// <summary>Maximum time that a command waits for a database lock of another process.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Maximum number of writes in one commit.</summary>
    [Range(1, 10_000)]
    public int MaxWritesPerCommit { get; set; } = 256;

    /// <summary>Maximum number of queued writes. If the queue is full, further writes wait for space in it.</summary>
    [Range(1, 100_000)]
    public int MaxQueuedWrites { get; set; } = 4_096;

    /// <summary>Maximum number of concurrent reads. Each read uses one connection and one thread.</summary>
    [Range(1, 64)]
    public int MaxConcurrentReads { get; set; } = 8;
}
