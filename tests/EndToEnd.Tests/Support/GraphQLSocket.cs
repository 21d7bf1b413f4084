using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Support;

/// <summary>Client of the protocol <c>graphql-transport-ws</c>, written from the protocol's specification.</summary>
internal sealed class GraphQLSocket : IAsyncDisposable
{
    private readonly ClientWebSocket socket = new();
    private readonly List<(string Id, JsonNode Data)> received = [];

    public static async Task<GraphQLSocket> Connect(SiloProcess silo, CancellationToken cancellationToken)
    {
        var client = new GraphQLSocket();
        client.socket.Options.AddSubProtocol("graphql-transport-ws");
        await client.socket.ConnectAsync(new Uri($"ws://localhost:{silo.Port}/graphql"), cancellationToken);
        await client.Send(
            new JsonObject
            {
                ["type"] = "connection_init",
                ["payload"] = new JsonObject { ["authorization"] = $"Bearer {silo.Token}" },
            },
            cancellationToken
        );
        ((string)(await client.Receive(cancellationToken))["type"]!).ShouldBe("connection_ack");
        return client;
    }

    public Task Subscribe(string id, string query, CancellationToken cancellationToken) =>
        Send(
            new JsonObject
            {
                ["id"] = id,
                ["type"] = "subscribe",
                ["payload"] = new JsonObject { ["query"] = query },
            },
            cancellationToken
        );

    /// <summary>Reads messages until a subscription has received data that meets the condition.</summary>
    public async Task WaitFor(string id, Func<JsonNode, bool> condition, CancellationToken cancellationToken)
    {
        while (!received.Exists(r => r.Id == id && condition(r.Data)))
            received.Add(await Next(cancellationToken));
    }

    /// <summary>Reads the next data of any subscription.</summary>
    public async Task<(string Id, JsonNode Data)> Next(CancellationToken cancellationToken)
    {
        var message = await Receive(cancellationToken);
        ((string)message["type"]!).ShouldBe("next", message.ToJsonString());
        message["payload"]!["errors"].ShouldBeNull(message.ToJsonString());
        return ((string)message["id"]!, message["payload"]!["data"]!);
    }

    /// <summary>Reads messages until the server closes the connection. Returns the close code.</summary>
    public async Task<int> WaitForClose(CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while ((await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken)).MessageType is not WebSocketMessageType.Close) { }

        return (int)socket.CloseStatus!;
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task Send(JsonNode message, CancellationToken cancellationToken) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, cancellationToken);

    private async Task<JsonNode> Receive(CancellationToken cancellationToken)
    {
        using var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            message.Write(buffer, 0, part.Count);
        } while (!part.EndOfMessage);
        return JsonNode.Parse(message.ToArray()) ?? throw new InvalidOperationException("The server sent an empty message.");
    }
}
