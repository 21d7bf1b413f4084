using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Monitoring;

/// <summary>Blocks of minutes beside the state: written again while they grow, read as a whole, dropped by their age.</summary>
public interface IMonitorStore
{
    /// <summary>Stores a block, durably when it returns; it takes the place of an earlier one of the same first minute.</summary>
    Task Write(DeploymentName deployment, MonitorBlock block, CancellationToken cancellationToken);

    /// <summary>A deployment's blocks from that first minute on, oldest first.</summary>
    Task<IReadOnlyList<MonitorBlock>> Read(DeploymentName deployment, long firstMinute, CancellationToken cancellationToken);

    /// <summary>Removes all of a deployment.</summary>
    Task Delete(DeploymentName deployment, CancellationToken cancellationToken);

    /// <summary>Removes blocks of whatever deployment whose first minute is below <paramref name="minute"/>, oldest first. How many it were.</summary>
    Task<int> DeleteBefore(long minute, int most, CancellationToken cancellationToken);
}

/// <summary>The minutes of a quarter of an hour.</summary>
/// <param name="FirstMinute">Its first one.</param>
/// <param name="Payload">The minutes, in whatever form the monitor grain writes them.</param>
public sealed record MonitorBlock(long FirstMinute, byte[] Payload);
