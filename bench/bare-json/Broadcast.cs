using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;

namespace DeployCard.Bench.BareJson;

/// <summary>
/// The peer of a line that many watch: whoever subscribes over a WebSocket gets each line as the same bytes that the silo sends, made from an object.
/// No GraphQL, no token, no log, no pod.
/// </summary>
internal sealed class Broadcast
{
    private readonly ConcurrentDictionary<WebSocket, ConcurrentQueue<string>> subscriptions = new();
    private long sequence;

    /// <summary>Takes a client of <c>graphql-transport-ws</c> until it leaves.</summary>
    public async Task Accept(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync("graphql-transport-ws");
        var ids = subscriptions[socket] = new();
        try
        {
            while (await Receive(socket, context.RequestAborted) is { } message)
            {
                if ((string?)message["type"]?.ToString() is "subscribe")
                    await Send(socket, Line(message["id"]!.ToString()!, "begins"), context.RequestAborted);
                else
                    await Send(socket, new { type = "connection_ack" }, context.RequestAborted);
                if (message.TryGetValue("id", out var id))
                    ids.Enqueue(id.ToString()!);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // It left.
        }
        finally
        {
            subscriptions.TryRemove(socket, out _);
        }
    }

    /// <summary>Writes lines with the time at which they are written, as the benchmark's pod does.</summary>
    public async Task Write(int count, TimeSpan pause, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(pause, TimeProvider.System);
        for (var i = 0; i < count; i++)
        {
            sequence++;
            var text = $"tick {Stopwatch.GetTimestamp()}";
            await Task.WhenAll(
                subscriptions.Select(client => Task.Run(() => Tell(client.Key, client.Value, text, cancellationToken), cancellationToken))
            );
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private async Task Tell(WebSocket socket, IEnumerable<string> ids, string text, CancellationToken cancellationToken)
    {
        foreach (var id in ids)
            await Send(socket, Line(id, text), cancellationToken);
    }

    private object Line(string id, string text) =>
        new
        {
            id,
            type = "next",
            payload = new
            {
                data = new
                {
                    logLines = new
                    {
                        lines = new[]
                        {
                            new
                            {
                                sequence,
                                stream = "OUT",
                                text,
                            },
                        },
                        droppedLines = 0,
                    },
                },
            },
        };

    private static Task Send(WebSocket socket, object message, CancellationToken cancellationToken) =>
        socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, true, cancellationToken);

    // What the benchmark sends is shorter than the buffer.
    private static async Task<Dictionary<string, object>?> Receive(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        var received = await socket.ReceiveAsync(buffer, cancellationToken);
        return received.MessageType is WebSocketMessageType.Close
            ? null
            : JsonSerializer.Deserialize<Dictionary<string, object>>(buffer.AsSpan(0, received.Count));
    }
}
