using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.Monitoring;

/// <summary>
/// Stores blocks of minutes outside the grain state. Blocks are rewritten while they grow, read as a whole, and deleted by age.
/// </summary>
public interface IMonitorStore
{
    /// <summary>Stores a block durably. Replaces an existing block with the same first minute.</summary>
    Task Write(DeploymentName deployment, MonitorBlock block, CancellationToken cancellationToken);

    /// <summary>Returns the blocks of a deployment whose first minute is at least <paramref name="firstMinute"/>, oldest first.</summary>
    Task<IReadOnlyList<MonitorBlock>> Read(DeploymentName deployment, long firstMinute, CancellationToken cancellationToken);

    /// <summary>Deletes all blocks of a deployment.</summary>
    Task Delete(DeploymentName deployment, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes at most <paramref name="limit"/> blocks of any deployment whose first minute is below <paramref name="minute"/>, oldest
    /// first.
    /// </summary>
    /// <returns>Number of blocks deleted.</returns>
    Task<int> DeleteBefore(long minute, int limit, CancellationToken cancellationToken);
}

/// <summary>The stored minutes of one quarter of an hour of a deployment.</summary>
/// <param name="FirstMinute">First minute of the block, in whole minutes since 0001-01-01 UTC.</param>
/// <param name="Payload">The minutes, in the format of <c>BlockFormat</c>.</param>
public sealed record MonitorBlock(long FirstMinute, byte[] Payload);
