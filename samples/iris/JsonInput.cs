using System.Text.Json;

namespace DeployCard.Samples.Iris;

/// <summary>Reads the JSON of a request. Each error names the field, the allowed values and the given value.</summary>
internal static class JsonInput
{
    /// <summary>Parses the body of a request, which must be a JSON object.</summary>
    public static async Task<JsonDocument> ReadObject(HttpRequest request, CancellationToken cancellation)
    {
        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancellation);
        }
        catch (JsonException error)
        {
            throw RequestRejectedException.BadInput($"The body must be JSON: {error.Message}");
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;

        using (document)
            throw CreateError("The body", "a JSON object", document.RootElement);
    }

    public static JsonElement ReadArray(JsonElement parent, string name, string path, string allowed) =>
        Member(parent, name, path, allowed) is { ValueKind: JsonValueKind.Array } array
            ? array
            : throw CreateError(path, allowed, parent.GetProperty(name));

    public static string ReadText(JsonElement parent, string name, string path, string allowed) =>
        Member(parent, name, path, allowed) is { ValueKind: JsonValueKind.String } text
            ? text.GetString()!
            : throw CreateError(path, allowed, parent.GetProperty(name));

    public static RequestRejectedException CreateError(string path, string allowed, JsonElement given) =>
        RequestRejectedException.BadInput($"{path} must be {allowed}, but was {Describe(given)}.");

    private static JsonElement Member(JsonElement parent, string name, string path, string allowed) =>
        parent.TryGetProperty(name, out var member)
            ? member
            : throw RequestRejectedException.BadInput($"{path} is missing; it must be {allowed}.");

    private static string Describe(JsonElement given) =>
        given.ValueKind switch
        {
            JsonValueKind.Array => $"an array of {given.GetArrayLength()}",
            JsonValueKind.Object => "an object",
            _ when given.GetRawText() is { Length: > 40 } text => text[..40] + "…",
            _ => given.GetRawText(),
        };
}
