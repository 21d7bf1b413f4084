using System.Text.Json;

namespace DeployCard.Samples.Iris;

/// <summary>Reads a request's JSON; each error names the field, what it may be and what it was.</summary>
internal static class JsonInput
{
    /// <summary>Where the body is JSON with an object on top.</summary>
    public static async Task<JsonDocument> ReadObject(HttpRequest request, CancellationToken cancellation)
    {
        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellation);
        }
        catch (JsonException error)
        {
            throw RefusedException.BadInput($"The body must be JSON: {error.Message}");
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;

        using (document)
            throw Wrong("The body", "a JSON object", document.RootElement);
    }

    public static JsonElement Array(JsonElement parent, string name, string path, string allowed) =>
        Member(parent, name, path, allowed) is { ValueKind: JsonValueKind.Array } array
            ? array
            : throw Wrong(path, allowed, parent.GetProperty(name));

    public static string Text(JsonElement parent, string name, string path, string allowed) =>
        Member(parent, name, path, allowed) is { ValueKind: JsonValueKind.String } text
            ? text.GetString()!
            : throw Wrong(path, allowed, parent.GetProperty(name));

    public static RefusedException Wrong(string path, string allowed, JsonElement given) =>
        RefusedException.BadInput($"{path} must be {allowed}, but was {Describe(given)}.");

    private static JsonElement Member(JsonElement parent, string name, string path, string allowed) =>
        parent.TryGetProperty(name, out var member) ? member : throw RefusedException.BadInput($"{path} is missing; it must be {allowed}.");

    private static string Describe(JsonElement given) =>
        given.ValueKind switch
        {
            JsonValueKind.Array => $"an array of {given.GetArrayLength()}",
            JsonValueKind.Object => "an object",
            _ when given.GetRawText() is { Length: > 40 } text => text[..40] + "…",
            _ => given.GetRawText(),
        };
}
