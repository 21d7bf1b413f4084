using DeployCard.Contracts.AsyncCalls;
using DeployCard.Storage.Sql;

namespace DeployCard.Storage.Stores;

/// <summary>Writes one version of a body, from its first chunk to the commit that makes the version visible to readers.</summary>
internal sealed class BodyWriter(SqlDatabase database, CallId id, BodyPart part, string now)
{
    private const string InsertChunk =
        "INSERT INTO BodyChunk (callId, part, version, seq, data, createdAt) VALUES (@callId, @part, @version, @seq, @data, @now)";

    private const string UpsertBody = """
        INSERT INTO Body (callId, part, version, length, createdAt) VALUES (@callId, @part, @version, @length, @now)
        ON CONFLICT (callId, part) DO UPDATE SET version = excluded.version, length = excluded.length, createdAt = excluded.createdAt
        """;

    // Deletes the chunks of the visible version only. Chunks of a concurrent writer belong to another version.
    private const string DeleteVisibleChunks = """
        DELETE FROM BodyChunk WHERE callId = @callId AND part = @part
          AND version = (SELECT version FROM Body WHERE callId = @callId AND part = @part)
        """;

    private readonly string version = Guid.NewGuid().ToString("N");
    private int chunks;

    /// <summary>Number of bytes read from the source so far.</summary>
    public long Length { get; private set; }

    /// <summary>
    /// Writes the whole body and makes it visible. Returns false as soon as the body exceeds <paramref name="maxBytes"/> bytes; the body
    /// then stays invisible, and the caller must call <see cref="Discard"/>.
    /// </summary>
    public async Task<bool> TryWrite(Stream body, long maxBytes, CancellationToken cancellationToken)
    {
        var buffer = new byte[BodyStore.ChunkSize];
        int read;
        do
        {
            read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            Length += read;
            if (Length > maxBytes)
                return false;
            // A chunk that is not full is the last one, even if it is empty. Its commit makes the body visible.
            await Write(buffer.AsMemory(0, read), isLast: read < buffer.Length, cancellationToken);
        } while (read == buffer.Length);
        return true;
    }

    /// <summary>
    /// Deletes the chunks written so far. Takes no cancellation token, because the caller may have been canceled already.
    /// </summary>
    public Task Discard() =>
        chunks == 0
            ? Task.CompletedTask
            : database.Execute(
                "DELETE FROM BodyChunk WHERE callId = @callId AND part = @part AND version = @version",
                new()
                {
                    ["callId"] = id.Value,
                    ["part"] = part.Name,
                    ["version"] = version,
                },
                CancellationToken.None
            );

    private Task Write(ReadOnlyMemory<byte> data, bool isLast, CancellationToken cancellationToken)
    {
        var parameters = new SqlParameters
        {
            ["callId"] = id.Value,
            ["part"] = part.Name,
            ["version"] = version,
            ["seq"] = chunks++,
            ["data"] = data,
            ["now"] = now,
        };
        if (!isLast)
            return database.Execute(InsertChunk, parameters, cancellationToken);
        parameters["length"] = Length;
        return database.Execute($"{DeleteVisibleChunks};\n{InsertChunk};\n{UpsertBody}", parameters, cancellationToken);
    }
}
