using Orleans.Runtime.Services;

namespace DeployCard.Grains.Runtimes.LocalProcess.Cluster;

/// <summary>The way to the pods of each silo.</summary>
internal interface ISiloPodsClient
{
    /// <summary>Those of one silo, the own one too.</summary>
    ISiloPodsService Of(SiloAddress silo);
}

internal sealed class SiloPodsClient(IServiceProvider services) : GrainServiceClient<ISiloPodsService>(services), ISiloPodsClient
{
    public ISiloPodsService Of(SiloAddress silo) => GetGrainService(silo);
}
