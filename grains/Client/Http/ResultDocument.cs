using System.Buffers;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using System.Text.Json;
using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Client.Http;

/// <summary>
/// Writes a result as a JSON document for download. A JSON body is included as JSON, any other body as base64. Only one chunk of the body
/// is in memory at a time. A JSON body is read twice, first to validate it, because invalid JSON could not be retracted after it was
/// written.
/// </summary>
public static class ResultDocument
{
    // The body is nested one level deep in a document with at most 64 levels.
    private const int BodyDepth = 63;

    private const int ChunkBytes = 32 * 1024;

    // A JSON body is copied past the writer, whose validation would report a missing value.
    private static readonly JsonWriterOptions WriterOptions = new() { SkipValidation = true };

    /// <summary>Writes a result as a JSON document.</summary>
    /// <param name="output">Destination of the document.</param>
    /// <param name="id">Id of the call.</param>
    /// <param name="result">Result of the call.</param>
    /// <param name="body">Seekable body of the result.</param>
    /// <param name="cancellationToken">Token that is canceled when the client disconnects.</param>
    public static async Task Write(PipeWriter output, CallId id, CallResult result, Stream body, CancellationToken cancellationToken)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            var type = result.Headers.FirstOrDefault(h => h.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))?.Value;
            var isJson = IsJson(type) && await JsonValidator.IsValid(body, BodyDepth, chunk, cancellationToken);
            body.Position = 0;
            await using var json = new Utf8JsonWriter(output, WriterOptions);
            WriteHead(json, id, result, type);
            if (isJson)
                await CopyBody(json, output, body, chunk, cancellationToken);
            else if (body.Length > 0)
                await EncodeBody(json, output, body, chunk, cancellationToken);
            json.WriteEndObject();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }

        await output.FlushAsync(cancellationToken);
    }

    private static void WriteHead(Utf8JsonWriter json, CallId id, CallResult result, string? type)
    {
        json.WriteStartObject();
        json.WriteString("id", id.Value);
        json.WriteNumber("status", result.StatusCode);
        json.WriteStartObject("headers");
        foreach (var header in result.Headers.GroupBy(h => h.Name, h => h.Value, StringComparer.OrdinalIgnoreCase))
            json.WriteString(header.Key, string.Join(", ", header));
        json.WriteEndObject();
        if (type is not null)
            json.WriteString("contentType", type);
    }

    private static async Task CopyBody(
        Utf8JsonWriter json,
        PipeWriter output,
        Stream body,
        byte[] chunk,
        CancellationToken cancellationToken
    )
    {
        json.WritePropertyName("body");
        await json.FlushAsync(cancellationToken);
        while (await body.ReadAsync(chunk, cancellationToken) is var read and > 0)
            await output.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
    }

    private static async Task EncodeBody(
        Utf8JsonWriter json,
        PipeWriter output,
        Stream body,
        byte[] chunk,
        CancellationToken cancellationToken
    )
    {
        json.WritePropertyName("bodyBase64");
        while (await body.ReadAsync(chunk, cancellationToken) is var read and > 0)
        {
            json.WriteBase64StringSegment(chunk.AsSpan(0, read), isFinalSegment: false);
            json.Flush();
            await output.FlushAsync(cancellationToken);
        }

        json.WriteBase64StringSegment([], isFinalSegment: true);
    }

    /// <summary>Whether a content type denotes JSON in UTF-8 (RFC 8259). US-ASCII is a subset of UTF-8.</summary>
    private static bool IsJson(string? type) =>
        MediaTypeHeaderValue.TryParse(type, out var parsed)
        && parsed.MediaType is { } media
        && (
            media.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase)
        )
        && parsed.CharSet?.Trim('"').ToUpperInvariant() is null or "" or "UTF-8" or "UTF8" or "US-ASCII";
}
