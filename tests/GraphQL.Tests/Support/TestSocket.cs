using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace DeployCard.GraphQL.Tests.Support;

/// <summary>A client of graphql-transport-ws that the test controls message by message.</summary>
internal sealed class TestSocket(ClientWebSocket socket) : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public string? Protocol => socket.SubProtocol;

    public Task Send(object message) => SendText(JsonSerializer.Serialize(message));

    public Task SendText(string text, WebSocketMessageType type = WebSocketMessageType.Text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), type, true, TestContext.Current.CancellationToken);

    public Task Subscribe(string id, string query) =>
        Send(
            new
            {
                id,
                type = "subscribe",
                payload = new { query },
            }
        );

    public Task Complete(string id) => Send(new { id, type = "complete" });

    public async Task<SocketMessage> Receive()
    {
        var text = await Read();
        text.ShouldNotBeNull($"closed with {socket.CloseStatus} {socket.CloseStatusDescription}");
        using var document = JsonDocument.Parse(text);
        return new(document.RootElement.Clone());
    }

    /// <summary>Reads until the connection is closed and returns the close code.</summary>
    public async Task<int> CloseCode()
    {
        while (await Read() is not null) { }
        var code = (int)socket.CloseStatus!;
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        return code;
    }

    public Task Close() => socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);

    /// <summary>Aborts the connection without a close handshake.</summary>
    public void Abort() => socket.Abort();

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return default;
    }

    private async Task<string?> Read()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Deadline);
        var buffer = new byte[4096];
        using var text = new MemoryStream();
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, limit.Token);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            text.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length);
        }
    }
}

internal sealed record SocketMessage(JsonElement Root)
{
    public string? Type => Root.GetProperty("type").GetString();

    public string? Id => Root.TryGetProperty("id", out var id) ? id.GetString() : null;

    public JsonElement Payload => Root.GetProperty("payload");
}
