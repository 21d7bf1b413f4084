using System.Buffers;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using System.Text.Json;
using DeployCard.Grains.AsyncCalls;

namespace DeployCard.Silo.Gateway;

/// <summary>
/// A result as a document to download: a JSON body stands in it as JSON, anything else as base64. A piece of the body is in memory at a time,
/// however long it is; a JSON body is read twice, for it cannot be taken back once it has turned out to be none.
/// </summary>
internal static class ResultDocument
{
    // The body stands one level deep in a document that may have 64 of them.
    private const int BodyDepth = 63;

    private const int PieceLength = 32 * 1024;

    // What is copied goes past the writer, which would miss it.
    private static readonly JsonWriterOptions Writing = new() { SkipValidation = true };

    public static async Task Write(PipeWriter output, CallId id, CallResult result, Stream body, CancellationToken cancellationToken)
    {
        var piece = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            var type = result.Headers.FirstOrDefault(h => h.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))?.Value;
            var isJson = IsJson(type) && await JsonCheck.Passes(body, BodyDepth, piece, cancellationToken);
            body.Position = 0;
            await using var json = new Utf8JsonWriter(output, Writing);
            WriteHead(json, id, result, type);
            if (isJson)
                await CopyBody(json, output, body, piece, cancellationToken);
            else if (body.Length > 0)
                await EncodeBody(json, output, body, piece, cancellationToken);
            json.WriteEndObject();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
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
        byte[] piece,
        CancellationToken cancellationToken
    )
    {
        json.WritePropertyName("body");
        await json.FlushAsync(cancellationToken);
        while (await body.ReadAsync(piece, cancellationToken) is var read and > 0)
            await output.WriteAsync(piece.AsMemory(0, read), cancellationToken);
    }

    private static async Task EncodeBody(
        Utf8JsonWriter json,
        PipeWriter output,
        Stream body,
        byte[] piece,
        CancellationToken cancellationToken
    )
    {
        json.WritePropertyName("bodyBase64");
        while (await body.ReadAsync(piece, cancellationToken) is var read and > 0)
        {
            json.WriteBase64StringSegment(piece.AsSpan(0, read), isFinalSegment: false);
            json.Flush();
            await output.FlushAsync(cancellationToken);
        }

        json.WriteBase64StringSegment([], isFinalSegment: true);
    }

    /// <summary>By its type. JSON is UTF-8 (RFC 8259); US-ASCII is that, too.</summary>
    private static bool IsJson(string? type) =>
        MediaTypeHeaderValue.TryParse(type, out var parsed)
        && parsed.MediaType is { } media
        && (
            media.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase)
        )
        && parsed.CharSet?.Trim('"').ToUpperInvariant() is null or "" or "UTF-8" or "UTF8" or "US-ASCII";
}
