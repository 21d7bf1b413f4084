using DeployCard.Contracts.AsyncCalls;
using DeployCard.Storage.Sql;

namespace DeployCard.Storage.Stores;

/// <summary>
/// Stores bodies in chunks. Each write uses a new version that is invisible until the commit of its last chunk publishes it as the body. A
/// body is therefore stored completely or not at all. Chunks of an interrupted write are purged by their age.
/// </summary>
internal sealed class BodyStore(SqlDatabase database, TimeProvider time) : IBodyStore
{
    /// <summary>Maximum size of a chunk in bytes. No more of a body than one chunk is held in memory.</summary>
    public const int ChunkSize = 256 * 1024;

    /// <inheritdoc/>
    public async Task<long> Write(CallId id, BodyPart part, Stream body, long maxBytes, CancellationToken cancellationToken)
    {
        var writing = new BodyWriter(database, id, part, StorageTime.ToText(time.GetUtcNow()));
        try
        {
            if (await writing.TryWrite(body, maxBytes, cancellationToken))
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
        var found = await database.Query(
            "SELECT version, length FROM Body WHERE callId = @callId AND part = @part",
            new() { ["callId"] = id.Value, ["part"] = part.Name },
            row => (Version: row.GetString(0), Length: row.GetInt64(1)),
            cancellationToken
        );
        return found is [var body] ? new BodyStream(database, id, part, body.Version, body.Length) : null;
    }

    /// <inheritdoc/>
    public Task Delete(CallId id, CancellationToken cancellationToken) =>
        database.Execute(
            "DELETE FROM Body WHERE callId = @callId; DELETE FROM BodyChunk WHERE callId = @callId",
            new() { ["callId"] = id.Value },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task Delete(CallId id, BodyPart part, CancellationToken cancellationToken) =>
        database.Execute(
            "DELETE FROM Body WHERE callId = @callId AND part = @part; DELETE FROM BodyChunk WHERE callId = @callId AND part = @part",
            new() { ["callId"] = id.Value, ["part"] = part.Name },
            cancellationToken
        );

    /// <inheritdoc/>
    public async Task<int> DeleteOrphans(DateTimeOffset createdBefore, int limit, CancellationToken cancellationToken)
    {
        var firstChunks = await database.Query(
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
            new() { ["before"] = StorageTime.ToText(createdBefore), ["most"] = limit },
            row => row.GetInt64(0),
            cancellationToken
        );
        return firstChunks.Count(seq => seq == 0);
    }
}
