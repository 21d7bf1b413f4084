namespace DeployCard.Grains.Storage.Sqlite;

/// <summary>Where and how one machine stores everything (section <c>Storage</c> of the settings).</summary>
public sealed class SqliteStorageOptions
{
    /// <summary>The section of the settings that these are bound to.</summary>
    public const string Section = "Storage";

    /// <summary>The database file; its folder is made when it is missing. A relative path begins at the working directory.</summary>
    public string Path { get; set; } = "data/deploycard.db";

    /// <summary>How long a write waits while another process holds the database, 0 s to 1 min.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The most writes that one commit takes, 1 to 10,000.</summary>
    public int MaxWritesPerCommit { get; set; } = 256;

    /// <summary>The most writes that wait for a commit, 1 to 100,000; who comes then waits for a place.</summary>
    public int MaxQueuedWrites { get; set; } = 4096;

    /// <summary>The most reads at once, each on a connection and a thread of its own, 1 to 64.</summary>
    public int MaxConcurrentReads { get; set; } = 8;
}
