using System.Data.Common;
using DeployCard.Grains.Storage;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>
/// Bodies in chunks. Each writing has a version of its own that nobody sees until its last chunk names it as the body, in one commit; so a body
/// is there as a whole or not at all, and what a broken writing leaves is swept up by its age.
/// </summary>
internal sealed class BodyStore(DbDataSource source, TimeProvider time) : IBodyStore
{
    /// <summary>What one chunk holds, in bytes: all that is in memory of a body.</summary>
    public const int ChunkSize = 256 * 1024;

    /// <inheritdoc/>
    public async Task<long> Write(CallId id, BodyPart part, Stream body, long most, CancellationToken cancellationToken)
    {
        var writing = new BodyWriting(source, id, part, StorageTime.ToText(time.GetUtcNow()));
        try
        {
            if (await writing.Run(body, most, cancellationToken))
                return writing.Length;
        }
        catch
        {
            await writing.Discard();
            throw;
        }
        await writing.Discard();
        return -1;
    }

    /// <inheritdoc/>
    public async Task<Stream?> Open(CallId id, BodyPart part, CancellationToken cancellationToken)
    {
        var found = await source.Query(
            "SELECT version, length FROM Body WHERE callId = @callId AND part = @part",
            new() { ["callId"] = id.Value, ["part"] = part.Name },
            row => (Version: row.GetString(0), Length: row.GetInt64(1)),
            cancellationToken
        );
        return found is [var body] ? new BodyStream(source, id, part, body.Version, body.Length) : null;
    }

    /// <inheritdoc/>
    public Task Delete(CallId id, CancellationToken cancellationToken) =>
        source.Execute(
            "DELETE FROM Body WHERE callId = @callId; DELETE FROM BodyChunk WHERE callId = @callId",
            new() { ["callId"] = id.Value },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task Delete(CallId id, BodyPart part, CancellationToken cancellationToken) =>
        source.Execute(
            "DELETE FROM Body WHERE callId = @callId AND part = @part; DELETE FROM BodyChunk WHERE callId = @callId AND part = @part",
            new() { ["callId"] = id.Value, ["part"] = part.Name },
            cancellationToken
        );

    /// <inheritdoc/>
    public async Task<int> DeleteOrphans(DateTimeOffset before, int most, CancellationToken cancellationToken)
    {
        var firstChunks = await source.Query(
            """
            DELETE FROM Body WHERE (callId, part) IN (
              SELECT callId, part FROM Body AS old
              WHERE createdAt < @before AND NOT EXISTS (SELECT 1 FROM AsyncCallIndex WHERE id = old.callId)
              ORDER BY createdAt LIMIT @most);
            DELETE FROM BodyChunk WHERE (callId, part, version) IN (
              SELECT callId, part, version FROM BodyChunk AS old
              WHERE seq = 0 AND createdAt < @before
                AND NOT EXISTS (SELECT 1 FROM Body WHERE callId = old.callId AND part = old.part AND version = old.version)
              ORDER BY createdAt LIMIT @most)
            RETURNING seq
            """,
            new() { ["before"] = StorageTime.ToText(before), ["most"] = most },
            row => row.GetInt64(0),
            cancellationToken
        );
        return firstChunks.Count(seq => seq == 0);
    }
}
