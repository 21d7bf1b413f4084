using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;

namespace DeployCard.Bench.BareJson;

/// <summary>
/// The peer of the log subscription: sends each line to all WebSocket subscribers, in messages like those of the silo, serialized from
/// objects. This server has no GraphQL, token, log or pod.
/// </summary>
internal sealed class LineBroadcaster
{
    private readonly ConcurrentDictionary<WebSocket, ConcurrentQueue<string>> subscriptions = new();
    private long sequence;

    /// <summary>Serves a <c>graphql-transport-ws</c> client until it disconnects.</summary>
    public async Task Serve(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync("graphql-transport-ws");
        var ids = subscriptions[socket] = new();
        try
        {
            while (await Receive(socket, context.RequestAborted) is { } message)
            {
                if ((string?)message["type"]?.ToString() is "subscribe")
                    await Send(socket, CreateLine(message["id"]!.ToString()!, "begins"), context.RequestAborted);
                else
                    await Send(socket, new { type = "connection_ack" }, context.RequestAborted);
                if (message.TryGetValue("id", out var id))
                    ids.Enqueue(id.ToString()!);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client disconnected.
        }
        finally
        {
            subscriptions.TryRemove(socket, out _);
        }
    }

    /// <summary>Sends lines with the time at which they are written, as the benchmark pod does.</summary>
    /// <param name="count">Number of lines to send.</param>
    /// <param name="interval">Interval between two lines.</param>
    /// <param name="cancellationToken">Cancels the remaining lines.</param>
    public async Task WriteLines(int count, TimeSpan interval, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, TimeProvider.System);
        for (var i = 0; i < count; i++)
        {
            sequence++;
            var text = $"tick {Stopwatch.GetTimestamp()}";
            await Task.WhenAll(
                subscriptions.Select(client =>
                    Task.Run(() => SendLine(client.Key, client.Value, text, cancellationToken), cancellationToken)
                )
            );
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private async Task SendLine(WebSocket socket, IEnumerable<string> ids, string text, CancellationToken cancellationToken)
    {
        foreach (var id in ids)
            await Send(socket, CreateLine(id, text), cancellationToken);
    }

    private object CreateLine(string id, string text) =>
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

    // The messages of the benchmark are shorter than the buffer, so one read is enough.
    private static async Task<Dictionary<string, object>?> Receive(WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        var received = await socket.ReceiveAsync(buffer, cancellationToken);
        return received.MessageType is WebSocketMessageType.Close
            ? null
            : JsonSerializer.Deserialize<Dictionary<string, object>>(buffer.AsSpan(0, received.Count));
    }
}
