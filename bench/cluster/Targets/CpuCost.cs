namespace DeployCard.Bench.Cluster.Targets;

/// <summary>Processor time by consumer; the unit depends on the use.</summary>
/// <param name="Silos">Processor time of all silos.</param>
/// <param name="Database">Processor time of the PostgreSQL server with its sessions.</param>
/// <param name="Pods">Processor time of the pods.</param>
internal sealed record CpuCost(double Silos, double Database, double Pods)
{
    /// <summary>Total processor time of silos, database and pods.</summary>
    public double Total => Silos + Database + Pods;

    public static CpuCost operator -(CpuCost later, CpuCost earlier) =>
        new(later.Silos - earlier.Silos, later.Database - earlier.Database, later.Pods - earlier.Pods);

    public static CpuCost operator /(CpuCost cost, double by) => new(cost.Silos / by, cost.Database / by, cost.Pods / by);

    public static CpuCost operator *(CpuCost cost, double by) => cost / (1 / by);
}
