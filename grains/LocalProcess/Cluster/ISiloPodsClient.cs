using Orleans.Runtime.Services;

namespace DeployCard.LocalProcess.Cluster;

/// <summary>Client for the pods of each silo of the cluster.</summary>
internal interface ISiloPodsClient
{
    /// <summary>Returns the pod service of a silo, which can be the local silo.</summary>
    ISiloPodsService GetPodsService(SiloAddress silo);
}

internal sealed class SiloPodsClient(IServiceProvider services) : GrainServiceClient<ISiloPodsService>(services), ISiloPodsClient
{
    public ISiloPodsService GetPodsService(SiloAddress silo) => GetGrainService(silo);
}
