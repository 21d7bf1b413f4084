using System.Net.Http.Headers;
using System.Text.Json;

namespace DeployCard.GraphQL.Tests.Support;

internal static class Json
{
    public static HttpContent Body(object value) =>
        new StringContent(JsonSerializer.Serialize(value), new MediaTypeHeaderValue("application/json"));
}

/// <summary>A GraphQL response parsed as JSON.</summary>
internal sealed record JsonResponse(JsonElement Root)
{
    public JsonElement Data => Root.GetProperty("data");

    public JsonElement FirstError => Root.GetProperty("errors")[0];

    public string? FirstCode => FirstError.GetProperty("extensions").GetProperty("code").GetString();

    public bool HasErrors => Root.TryGetProperty("errors", out _);

    public static async Task<JsonResponse> Read(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return new(document.RootElement.Clone());
    }
}
