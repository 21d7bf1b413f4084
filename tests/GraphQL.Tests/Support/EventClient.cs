using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace DeployCard.GraphQL.Tests.Support;

/// <summary>A client of server-sent events that reads only when the test requests the next event.</summary>
internal sealed class EventClient(Uri server) : IAsyncDisposable
{
    private readonly HttpClient http = new() { BaseAddress = server };
    private HttpResponseMessage? response;
    private IAsyncEnumerator<SseItem<string>>? events;

    public async Task Subscribe(string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = Json.Body(new { query }) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        events = SseParser
            .Create(body)
            .EnumerateAsync(TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
    }

    /// <summary>Reads the next result of the subscription.</summary>
    public async Task<JsonElement> Next()
    {
        (await events!.MoveNextAsync()).ShouldBeTrue();
        events.Current.EventType.ShouldBe("next");
        using var document = JsonDocument.Parse(events.Current.Data);
        return document.RootElement.Clone();
    }

    /// <summary>Closes the connection without completing the subscription.</summary>
    public ValueTask DisposeAsync()
    {
        response?.Dispose();
        http.Dispose();
        return default;
    }
}
