using System.Net.Http.Headers;
using System.Text.Json;
using DeployCard.Grains.AsyncCalls;

namespace DeployCard.Silo.Gateway;

/// <summary>A result as a document to download: a JSON body stands in it as JSON, anything else as base64.</summary>
internal sealed record ResultDocument(string Id, int Status, Dictionary<string, string> Headers, string? ContentType, JsonElement? Body, string? BodyBase64)
{
    // The body stands one level deep in a document that may have 64 of them.
    private static readonly JsonDocumentOptions Parsing = new() { MaxDepth = 63 };

    public static ResultDocument Of(CallId id, CallResult result, ReadOnlyMemory<byte> body)
    {
        var headers = result.Headers.GroupBy(h => h.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => string.Join(", ", g.Select(h => h.Value)));
        var type = result.Headers.FirstOrDefault(h => h.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))?.Value;
        var json = IsJson(type) ? Parse(body) : null;
        return new(id.Value, result.StatusCode, headers, type, json, json is null && body.Length > 0 ? Convert.ToBase64String(body.Span) : null);
    }

    private static bool IsJson(string? type) =>
        MediaTypeHeaderValue.TryParse(type, out var parsed) && parsed.MediaType is { } media
        && (media.Equals("application/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    private static JsonElement? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Parsing);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
