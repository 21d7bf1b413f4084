using DeployCard.Contracts.Names;

namespace DeployCard.Contracts.Logs;

/// <summary>
/// Stores blocks of log lines outside the grain state. Blocks are written once, read as a whole, and deleted from the oldest on.
/// </summary>
public interface ILogStore
{
    /// <summary>Stores a block durably. Replaces an existing block with the same first sequence number.</summary>
    Task Append(DeploymentName deployment, LogBlock block, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the newest blocks of a deployment, in ascending order, with a total of at most <paramref name="maxBytes"/> bytes, but
    /// at least one block if any exists.
    /// </summary>
    Task<IReadOnlyList<LogBlock>> ReadNewest(DeploymentName deployment, long maxBytes, CancellationToken cancellationToken);

    /// <summary>Deletes the blocks whose first sequence number is below <paramref name="sequence"/>.</summary>
    Task DeleteBefore(DeploymentName deployment, long sequence, CancellationToken cancellationToken);
}

/// <summary>A stored block of consecutive log lines.</summary>
/// <param name="FirstSequence">Sequence number of the first line.</param>
/// <param name="Lines">Number of lines in the block.</param>
/// <param name="Payload">The lines, as a JSON array of <see cref="LogLine"/>.</param>
public sealed record LogBlock(long FirstSequence, int Lines, byte[] Payload);
