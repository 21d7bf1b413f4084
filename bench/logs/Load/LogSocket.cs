using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace DeployCard.Bench.Logs.Load;

/// <summary>A client that subscribes to logs over <c>graphql-transport-ws</c>: one connection with any number of subscriptions.</summary>
internal sealed class LogSocket : IAsyncDisposable
{
    private readonly ClientWebSocket socket = new();
    private readonly CancellationTokenSource stop = new();
    private Task reading = Task.CompletedTask;

    private LogSocket() { }

    /// <summary>Connects and sends <c>connection_init</c>.</summary>
    /// <param name="origin">URL of the server, without a path.</param>
    /// <param name="token">Token of the <c>connection_init</c> message.</param>
    /// <param name="received">Handles the messages one after the other. The memory is valid only during the call.</param>
    /// <param name="cancellationToken">Cancels connecting to the server.</param>
    public static async Task<LogSocket> Connect(
        string origin,
        string token,
        Action<ReadOnlyMemory<byte>> received,
        CancellationToken cancellationToken
    )
    {
        var client = new LogSocket();
        client.socket.Options.AddSubProtocol("graphql-transport-ws");
        await client.socket.ConnectAsync(new Uri($"{origin.Replace("http:", "ws:", StringComparison.Ordinal)}/graphql"), cancellationToken);
        await client.Send(
            new JsonObject
            {
                ["type"] = "connection_init",
                ["payload"] = new JsonObject { ["authorization"] = $"Bearer {token}" },
            },
            cancellationToken
        );
        client.reading = Task.Run(() => client.Read(received), CancellationToken.None);
        return client;
    }

    /// <summary>Subscribes to the log of a deployment, starting with its last lines.</summary>
    public Task Subscribe(string id, string deployment, int last, CancellationToken cancellationToken) =>
        Send(
            new JsonObject
            {
                ["id"] = id,
                ["type"] = "subscribe",
                ["payload"] = new JsonObject
                {
                    ["query"] =
                        $"subscription {{ logLines(deployment: \"{deployment}\", query: {{last: {last}}}) "
                        + "{ lines { sequence stream text } droppedLines } }",
                },
            },
            cancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        socket.Dispose();
        stop.Dispose();
    }

    private Task Send(JsonObject message, CancellationToken cancellationToken) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, cancellationToken);

    private async Task Read(Action<ReadOnlyMemory<byte>> received)
    {
        var buffer = new byte[64 * 1024];
        var filled = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(filled), stop.Token);
            if (part.MessageType is WebSocketMessageType.Close)
                return;
            filled += part.Count;
            if (part.EndOfMessage)
            {
                received(buffer.AsMemory(0, filled));
                filled = 0;
            }
            else if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }
}
