namespace DeployCard.Bench.Cluster.Targets;

/// <summary>What a database has written so far, as it counts itself.</summary>
/// <param name="WalBytes">Bytes of its log.</param>
/// <param name="Commits">Transactions.</param>
/// <param name="Inserted">Rows, in tables of ours.</param>
/// <param name="Updated">The same.</param>
/// <param name="Hot">Of these, rows that touched no index.</param>
/// <param name="Deleted">The same.</param>
internal sealed record Writes(double WalBytes, double Commits, double Inserted, double Updated, double Hot, double Deleted)
{
    public static Writes operator -(Writes later, Writes earlier) =>
        new(
            later.WalBytes - earlier.WalBytes,
            later.Commits - earlier.Commits,
            later.Inserted - earlier.Inserted,
            later.Updated - earlier.Updated,
            later.Hot - earlier.Hot,
            later.Deleted - earlier.Deleted
        );

    public static Writes operator /(Writes writes, double by) =>
        new(writes.WalBytes / by, writes.Commits / by, writes.Inserted / by, writes.Updated / by, writes.Hot / by, writes.Deleted / by);
}
