namespace DeployCard.Bench.Cluster.Targets;

/// <summary>Write statistics of a database, from PostgreSQL's cumulative statistics, or a difference or mean of them.</summary>
/// <param name="WalBytes">Bytes written to the write-ahead log.</param>
/// <param name="Commits">Number of committed transactions.</param>
/// <param name="Inserted">Number of rows inserted into user tables.</param>
/// <param name="Updated">Number of rows updated in user tables.</param>
/// <param name="HotUpdates">Number of updated rows whose update was heap-only (HOT), which writes to no index.</param>
/// <param name="Deleted">Number of rows deleted from user tables.</param>
internal sealed record Writes(double WalBytes, double Commits, double Inserted, double Updated, double HotUpdates, double Deleted)
{
    public static Writes operator -(Writes later, Writes earlier) =>
        new(
            later.WalBytes - earlier.WalBytes,
            later.Commits - earlier.Commits,
            later.Inserted - earlier.Inserted,
            later.Updated - earlier.Updated,
            later.HotUpdates - earlier.HotUpdates,
            later.Deleted - earlier.Deleted
        );

    public static Writes operator /(Writes writes, double by) =>
        new(
            writes.WalBytes / by,
            writes.Commits / by,
            writes.Inserted / by,
            writes.Updated / by,
            writes.HotUpdates / by,
            writes.Deleted / by
        );
}
