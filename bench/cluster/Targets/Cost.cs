namespace DeployCard.Bench.Cluster.Targets;

/// <summary>Processor time, by who took it.</summary>
internal sealed record Cost(double Silos, double Database, double Pods)
{
    public double All => Silos + Database + Pods;

    public static Cost operator -(Cost later, Cost earlier) =>
        new(later.Silos - earlier.Silos, later.Database - earlier.Database, later.Pods - earlier.Pods);

    public static Cost operator /(Cost cost, double by) => new(cost.Silos / by, cost.Database / by, cost.Pods / by);

    public static Cost operator *(Cost cost, double by) => cost / (1 / by);
}
