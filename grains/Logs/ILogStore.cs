using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Logs;

/// <summary>Blocks of log lines beside the state: written once, read as a whole, dropped from the old end.</summary>
public interface ILogStore
{
    /// <summary>Adds a block, durably when it returns. A block of the same first sequence number is replaced.</summary>
    Task Append(DeploymentName deployment, LogBlock block, CancellationToken cancellationToken);

    /// <summary>The newest blocks, oldest of them first, together at most <paramref name="mostBytes"/> long but at least one where there is any.</summary>
    Task<IReadOnlyList<LogBlock>> ReadNewest(DeploymentName deployment, long mostBytes, CancellationToken cancellationToken);

    /// <summary>Removes the blocks whose first sequence number is below <paramref name="sequence"/>.</summary>
    Task DeleteBefore(DeploymentName deployment, long sequence, CancellationToken cancellationToken);
}

/// <summary>Some lines of a log, one behind the other.</summary>
/// <param name="FirstSequence">The sequence number of its first line.</param>
/// <param name="Lines">How many lines it holds.</param>
/// <param name="Payload">The lines, in whatever form the log grain writes them.</param>
public sealed record LogBlock(long FirstSequence, int Lines, byte[] Payload);
