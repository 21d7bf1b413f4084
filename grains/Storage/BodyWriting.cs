using System.Data.Common;
using DeployCard.Grains.AsyncCalls;

namespace DeployCard.Grains.Storage;

/// <summary>One writing of a body, from its first chunk to the commit that shows it.</summary>
internal sealed class BodyWriting(DbDataSource source, CallId id, BodyPart part, string now)
{
    private const string InsertChunk =
        "INSERT INTO BodyChunk (callId, part, version, seq, data, createdAt) VALUES (@callId, @part, @version, @seq, @data, @now)";

    private const string Show = """
        INSERT INTO Body (callId, part, version, length, createdAt) VALUES (@callId, @part, @version, @length, @now)
        ON CONFLICT (callId, part) DO UPDATE SET version = excluded.version, length = excluded.length, createdAt = excluded.createdAt
        """;

    // The version that is shown so far; never one that somebody else is just writing.
    private const string DropShown = """
        DELETE FROM BodyChunk WHERE callId = @callId AND part = @part
          AND version = (SELECT version FROM Body WHERE callId = @callId AND part = @part)
        """;

    private readonly string version = Guid.NewGuid().ToString("N");
    private int chunks;

    /// <summary>The bytes so far.</summary>
    public long Length { get; private set; }

    /// <summary>Writes it all; false as soon as it is more than <paramref name="most"/> bytes, and then it is not shown.</summary>
    public async Task<bool> Run(Stream body, long most, CancellationToken cancellationToken)
    {
        var buffer = new byte[BodyStore.ChunkSize];
        int read;
        do
        {
            read = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            Length += read;
            if (Length > most)
                return false;
            // A chunk that is not full is the last one, also when it is empty: it shows the body in its own commit.
            await Write(buffer.AsMemory(0, read), isLast: read < buffer.Length, cancellationToken);
        } while (read == buffer.Length);
        return true;
    }

    /// <summary>Takes back what was written; without a caller's token, because he may just have given up.</summary>
    public Task Discard() =>
        chunks == 0
            ? Task.CompletedTask
            : source.Execute(
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
            return source.Execute(InsertChunk, parameters, cancellationToken);
        parameters["length"] = Length;
        return source.Execute($"{DropShown};\n{InsertChunk};\n{Show}", parameters, cancellationToken);
    }
}
